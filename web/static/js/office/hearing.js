// Links to moments of the sound play them in the page's player. Without this file they open the sound itself.
import { closest } from "../page.js";

const player = /** @type {HTMLAudioElement | null} */ (document.querySelector("#ecoute audio"));
let until = Infinity;

/**
 * @param {HTMLAudioElement} audio
 * @param {HTMLElement} link
 */
function hear(audio, link) {
  const from = Number(link.dataset.from) / 1000;
  until = link.dataset.to ? Number(link.dataset.to) / 1000 : Infinity;
  const start = () => {
    audio.currentTime = from;
    audio.play();
  };
  if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) {
    start();
  } else {
    audio.addEventListener("loadedmetadata", start, { once: true });
    audio.load();
  }
}

if (player) {
  document.addEventListener("click", (event) => {
    const link = closest(event, "a[data-from]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    hear(player, link);
  });
  player.addEventListener("timeupdate", () => {
    if (player.currentTime < until) return;
    until = Infinity;
    player.pause();
  });
}
