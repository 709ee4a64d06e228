// The figures of a job, or of all, follow by themselves; when its state changes, so does the page.

import { submitButton } from "../page.js";

const EVERY_MS = 2000;
const SLOWEST_MS = 30000; // between tries while the server is away
const progress = document.getElementById("avancement");
const announcement = document.getElementById("annonce");
let wait = EVERY_MS;
let left = -SLOWEST_MS; // when this page was last being left

document.documentElement.classList.add("js");
addEventListener("beforeunload", () => {
  left = performance.now();
});
document.addEventListener("submit", (event) => {
  const question = submitButton(event)?.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
});
if (progress && "live" in progress.dataset) setTimeout(() => follow(progress), wait);

/** @param {HTMLElement} figures */
async function follow(figures) {
  try {
    // A page out of sight asks for nothing; it is right again when it comes into sight.
    if (!document.hidden) await refresh(figures);
    wait = EVERY_MS;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the server is away: more patiently
    wait = Math.min(SLOWEST_MS, 2 * wait);
  }
  setTimeout(() => follow(figures), wait);
}

/** @param {HTMLElement} figures */
async function refresh(figures) {
  const response = await fetch(figures.dataset.from ?? "");
  const state = response.headers.get("X-State");
  if (!response.ok || response.redirected || (figures.dataset.state && state !== figures.dataset.state)) {
    // A clerk who is on her way to another page is not taken back to this one.
    if (performance.now() - left > SLOWEST_MS) location.reload();
    return;
  }
  const fresh = document.createElement("div");
  fresh.innerHTML = await response.text();
  if (figures.innerHTML === fresh.innerHTML || figures.contains(document.activeElement)) return;
  figures.replaceChildren(...fresh.childNodes);
  const now = figures.querySelector("[data-say]")?.textContent.replace(/\s+/g, " ").trim();
  if (announcement && now && announcement.textContent !== now) announcement.textContent = now;
}
