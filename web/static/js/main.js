// Wires the page's parts. Everything works without this file; it adds the player, copying, following.
import { Player } from "./player.js";
import { followChat } from "./chat.js";
import { followSession } from "./follow.js";
import { copyOnClick } from "./copy.js";

document.documentElement.classList.add("js");
const player = new Player(document.getElementById("lecteur"));

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act='play']");
  if (button) player.toggle(button.closest("[data-clip]"));
});
copyOnClick(document);
followChat(document);
followSession(document, player);
