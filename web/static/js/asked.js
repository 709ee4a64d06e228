// The questions that were asked in this browser, which keeps them for this reader alone: listed where a
// conversation begins, saved as a file, erased. No words of a session are kept: an address leads to an
// answer as it is today. A browser may keep nothing (private windows, blocked site data): then there is no list.
import { closest, required } from "./page.js";

const KEY = "verbatim.questions";
const MOST_KEPT = 200; // questions, some 60 kB; the oldest are forgotten
const SHOWN = 8; // of them: what fits a phone's screen
const READ_MS = 10_000; // until the browser has read what it saves

/** @typedef {{ question: string, address: string, asked_at: string }} Asked an address on this site; ISO 8601 */

/**
 * The questions, newest first; none where the browser keeps nothing, or something else under that name.
 * @returns {Asked[]}
 */
export function questionsAsked() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isAsked) : [];
  } catch {
    return [];
  }
}

/** @param {unknown} entry */
const isAsked = (entry) =>
  ["question", "address", "asked_at"].every((name) => typeof (/** @type {any} */ (entry)?.[name]) === "string");

/**
 * Keeps a question; one that was asked before is the newest again.
 * @param {string} question
 * @param {string} address
 */
export function keepQuestion(question, address, now = new Date()) {
  const others = questionsAsked().filter((one) => one.address !== address);
  const kept = [{ question, address, asked_at: now.toISOString() }, ...others].slice(0, MOST_KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // nothing is kept
  }
}

export function eraseQuestions() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // nothing was kept
  }
}

/**
 * The questions as Markdown, each a link.
 * @param {Asked[]} questions
 * @param {string} title
 * @param {string} origin of the site, whose addresses are made whole
 */
export function asMarkdown(questions, title, origin) {
  const lines = questions.map(({ question, address, asked_at }) => {
    const named = question.replace(/[\\[\]*_`<]/g, "\\$&");
    const { href } = new URL(address, origin);
    return `- ${asked_at.slice(0, 10)} : [${named}](<${href}>)`;
  });
  return `# ${title}\n\n${lines.join("\n")}\n`;
}

/**
 * The questions as JSON, their addresses whole.
 * @param {Asked[]} questions
 * @param {string} origin
 */
export function asJson(questions, origin) {
  const whole = questions.map((one) => ({ ...one, address: new URL(one.address, origin).href }));
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/**
 * Keeps what an exchange asked, and lists the questions anew, on a site that lists them.
 * @param {Document} document
 * @param {HTMLAnchorElement} link to the exchange, with its question
 */
export function keepAsked(document, link) {
  const panel = document.getElementById("posees");
  if (!panel) return;
  keepQuestion(link.textContent.replace(/\s+/g, " ").trim(), `${link.pathname}${link.search}`);
  show(panel);
}

/**
 * Shows the questions where a site lists them. One that needs an account does not: what was kept before it
 * did would be there for whoever uses this browser next.
 * @param {Document} document
 */
export function listAsked(document) {
  const panel = document.getElementById("posees");
  if (!panel && document.getElementById("conversation")) eraseQuestions();
  if (!panel) return;
  show(panel);
  panel.addEventListener("click", (event) => {
    const act = closest(event, "[data-asked]")?.dataset.asked;
    if (act === "erase") eraseQuestions();
    else if (act) save(panel, act);
    show(panel);
  });
}

/** @param {HTMLElement} panel */
function show(panel) {
  const questions = questionsAsked();
  const lines = questions.slice(0, SHOWN).map(({ question, address }) => {
    const line = document.createElement("li");
    line.append(Object.assign(document.createElement("a"), { href: address, textContent: question }));
    return line;
  });
  required(panel, "ol").replaceChildren(...lines);
  panel.hidden = questions.length === 0;
}

/**
 * @param {HTMLElement} panel
 * @param {string} form md or json
 */
function save(panel, form) {
  const { title = "", file = "" } = panel.dataset;
  const questions = questionsAsked();
  const text = form === "json" ? asJson(questions, location.origin) : asMarkdown(questions, title, location.origin);
  const href = URL.createObjectURL(new Blob([text], { type: form === "json" ? "application/json" : "text/markdown" }));
  Object.assign(document.createElement("a"), { href, download: `${file}.${form}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), READ_MS);
}
