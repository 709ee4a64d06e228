// Searches the words of a session's page: lights up what is found, marks it on the time line, leads from one to the next.
import { all, required, scrolling } from "./page.js";
import { rangeBetween, wordsBetween } from "./spoken-words.js";

/** @import { SpokenWords } from "./spoken-words.js" */
/** @typedef {{ turn: HTMLElement, from: number, to: number }} Hit characters of a turn's text */

const LANE = 1000; // units of a time line (WIDTH in web/public/ribbon.py)
const LEAST = 2; // characters: one is everywhere
const MOST_HITS = 2000; // hits that are lit: more are not looked through, and slow the page

/**
 * A text in which accents and capitals count for nothing, character for character.
 * @param {string} text
 */
export function folded(text) {
  return Array.from({ length: text.length }, (_, n) => (text[n].normalize("NFD")[0] ?? "").toLowerCase()[0] ?? " ").join("");
}

/**
 * Where a text holds what is looked for.
 * @param {string} text folded
 * @param {string} wanted folded
 */
export function placesIn(text, wanted) {
  const places = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

export class Finding {
  #form;
  #field;
  #words;
  #session;
  #texts = /** @type {{ turn: HTMLElement, text: string }[] | null} */ (null);
  #hits = /** @type {Hit[]} */ ([]);
  #at = -1;

  /**
   * @param {HTMLElement} form
   * @param {HTMLElement} session
   * @param {SpokenWords} words
   */
  constructor(form, session, words) {
    this.#form = form;
    this.#field = required(form, "input", HTMLInputElement);
    this.#session = session;
    this.#words = words;
  }

  listen() {
    this.#field.addEventListener("input", () => void this.#search());
    this.#form.addEventListener("submit", (event) => (event.preventDefault(), this.#step(1)));
    required(this.#form, "[data-find='previous']").addEventListener("click", () => this.#step(-1));
  }

  async #search() {
    this.#texts ??= all(this.#form.ownerDocument, "[data-turn]").map((turn) => ({
      turn,
      text: folded(required(turn, ".said").textContent),
    }));
    const wanted = folded(this.#field.value.trim());
    const found = wanted.length < LEAST ? [] : this.#texts.flatMap(({ turn, text }) =>
      placesIn(text, wanted).map((from) => ({ turn, from, to: from + wanted.length })));
    this.#hits = found;
    this.#at = -1;
    CSS.highlights?.set("found", new Highlight(...found.slice(0, MOST_HITS).map(rangeOfHit)));
    CSS.highlights?.delete("found-now");
    this.#tell();
    await this.#words.load();
    if (this.#hits === found) this.#mark();
  }

  /** @param {1 | -1} step */
  #step(step) {
    const count = this.#hits.length;
    if (!count) return;
    this.#at = this.#at < 0 ? (step > 0 ? 0 : count - 1) : (this.#at + step + count) % count;
    const hit = this.#hits[this.#at];
    CSS.highlights?.set("found-now", new Highlight(rangeOfHit(hit)));
    hit.turn.scrollIntoView({ block: "center", behavior: scrolling() });
    this.#tell();
  }

  #tell() {
    const { none = "" } = this.#form.dataset;
    const count = this.#hits.length;
    const place = this.#at < 0 ? `${count}` : `${this.#at + 1} / ${count}`;
    const idle = this.#field.value.trim().length < LEAST;
    required(this.#form, "output").textContent = idle ? "" : count ? place : none;
  }

  /** Draws where the hits are on the time line. */
  #mark() {
    const lane = this.#form.ownerDocument.querySelector("[data-found]");
    if (!lane) return;
    const duration = Number(this.#session.dataset.duration);
    const starts = this.#hits.map(({ turn, from, to }) => {
      const words = this.#words.of(turn);
      const place = words && wordsBetween(words, from, to);
      return place ? words[place.first][0] : Number(turn.dataset.start);
    });
    const bars = [...new Set(starts.map((ms) => Math.round((LANE * ms) / duration)))];
    required(lane, "path", SVGPathElement).setAttribute("d", bars.map((x) => `M${x} 0h3v1h-3z`).join(""));
    lane.toggleAttribute("hidden", !bars.length);
  }
}

/** @param {Hit} hit */
const rangeOfHit = ({ turn, from, to }) => rangeBetween(turn, from, to);
