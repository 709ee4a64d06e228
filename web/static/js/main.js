// Wires the page's parts. Everything works without this file; it adds the player, copying, following.
import { Player } from "./player.js";
import { followChat } from "./chat.js";
import { Follower } from "./follow.js";
import { Finding } from "./finding.js";
import { Quoting } from "./quoting.js";
import { SpokenWords } from "./spoken-words.js";
import { copyOnClick } from "./copy.js";
import { closest, required } from "./page.js";

document.documentElement.classList.add("js");
const player = new Player(required(document, "#lecteur"));

document.addEventListener("click", (event) => {
  const clip = /** @type {HTMLElement | null | undefined} */ (closest(event, "[data-act='play']")?.closest("[data-clip]"));
  if (clip) player.toggle(clip);
});
copyOnClick(document);
followChat(document);
const session = document.getElementById("seance");
if (session) {
  const words = new SpokenWords(session);
  new Follower(session, words).follow(player);
  const search = document.getElementById("chercher");
  if (search) new Finding(search, session, words).listen();
  const bar = document.getElementById("citer");
  if (bar) new Quoting(bar, session, words).listen(player);
}
