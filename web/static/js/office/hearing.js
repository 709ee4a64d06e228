// Links to moments of the sound play them in the page's player. Without this file they open the sound itself.
const audio = document.querySelector("#ecoute audio");
let until = Infinity;

function hear(link) {
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

if (audio) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-from]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    hear(link);
  });
  audio.addEventListener("timeupdate", () => {
    if (audio.currentTime < until) return;
    until = Infinity;
    audio.pause();
  });
}
