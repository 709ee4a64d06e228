// The figures of a job, or of all, follow by themselves; when its state changes, so does the page.

const EVERY_MS = 2000;
const SLOWEST_MS = 30000;
const figures = document.getElementById("avancement");
const spoken = document.getElementById("annonce");
let wait = EVERY_MS;

document.documentElement.classList.add("js");
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
});
if (figures && "live" in figures.dataset) setTimeout(follow, wait);

async function follow() {
  try {
    // A page that nobody looks at asks for nothing; it is right again when it is looked at.
    if (!document.hidden) await refresh();
    wait = EVERY_MS;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the server is away: more patiently
    wait = Math.min(SLOWEST_MS, 2 * wait);
  }
  setTimeout(follow, wait);
}

async function refresh() {
  const response = await fetch(figures.dataset.from);
  const state = response.headers.get("X-State");
  if (!response.ok || response.redirected || (figures.dataset.state && state !== figures.dataset.state)) {
    location.reload();
    return;
  }
  const fresh = document.createElement("div");
  fresh.innerHTML = await response.text();
  if (figures.innerHTML === fresh.innerHTML || figures.contains(document.activeElement)) return;
  figures.replaceChildren(...fresh.childNodes);
  const now = figures.querySelector("[data-say]")?.textContent.replace(/\s+/g, " ").trim();
  if (spoken && now && spoken.textContent !== now) spoken.textContent = now;
}
