// Wires the page's parts. Everything works without this file; it adds the player, copying, the chat.
import { Player } from "./player.js";
import { followChat } from "./chat.js";
import { copyOnClick } from "./copy.js";
import { closest, required } from "./page.js";

document.documentElement.classList.add("js");
export const player = new Player(required(document, "#lecteur"));

document.addEventListener("click", (event) => {
  const clip = /** @type {HTMLElement | null | undefined} */ (closest(event, "[data-act='play']")?.closest("[data-clip]"));
  if (clip) player.toggle(clip);
});
copyOnClick(document);
followChat(document);
