// The bar beside selected words of a session's page: to hear, copy with their source, link, share or keep them.
// Selections grow to whole words. The words that are given away are the transcript's own.
import { clock, closest, required } from "./page.js";
import { confirm, write } from "./copy.js";
import { clipIn } from "./player.js";
import { charactersBefore, rangeOf, wordsBetween } from "./spoken-words.js";

/** @import { Player } from "./player.js" */
/** @import { SpokenWords, Word } from "./spoken-words.js" */

/** @typedef {{ turn: HTMLElement, words: Word[], first: number, last: number }} Part words of one turn, both included */

const SETTLED_MS = 250; // a selection is still being made that changed less than this ago
const PRESS_MS = 600; // WebKit drops a selection while a button is pressed: that takes nothing back
const LONGEST_CLIP_MS = 90_000; // as the server cuts them (LONGEST_CLIP_MS in api/answers/clip.py)
const GAP_PX = 8; // between the words and the bar

/** @param {Part} part */
const textOf = ({ words, first, last }) =>
  words
    .slice(first, last + 1)
    .map(([, , text]) => text)
    .join(" ");

/** @param {Part} part */
const nameOf = ({ turn: { dataset } }) => `${dataset.label}${dataset.office ? ` (${dataset.office})` : ""}`;

/**
 * From the first word's start to the last one's end.
 * @param {Part[]} parts
 */
export function intervalOf(parts) {
  const chosen = parts.flatMap(({ words, first, last }) => words.slice(first, last + 1));
  return { start: Math.min(...chosen.map(([start]) => start)), end: Math.max(...chosen.map(([, end]) => end)) };
}

/**
 * A quotation with its source, as it is pasted: each speaker's words, who spoke, where and when.
 * @param {{ name: string, text: string }[]} quotes
 * @param {string} where session, day and moment
 */
export function reference(quotes, where) {
  const [{ name, text }] = quotes;
  if (quotes.length === 1) return `« ${text} »\n${name}, ${where}.`;
  return `${quotes.map((quote) => `${quote.name} : « ${quote.text} »`).join("\n")}\n${where}.`;
}

/**
 * The same words with one more or one less at an end; unchanged where none would be left, or none follows.
 * @param {Part[]} parts
 * @param {"first" | "last"} end
 * @param {1 | -1} step
 * @returns {Part[]}
 */
export function moved(parts, end, step) {
  const at = end === "first" ? 0 : parts.length - 1;
  const part = { ...parts[at], [end]: parts[at][end] + step };
  if (part.first > part.last) return parts.length > 1 ? parts.toSpliced(at, 1) : parts;
  return part[end] in part.words ? parts.with(at, part) : parts;
}

export class Quoting {
  #bar;
  #session;
  #words;
  #document;
  #parts = /** @type {Part[]} */ ([]);
  #timer = 0;
  #pressedAt = -Infinity;
  #pointing = false;
  #opener = /** @type {HTMLElement | null} */ (null);

  /**
   * @param {HTMLElement} bar
   * @param {HTMLElement} session
   * @param {SpokenWords} words
   */
  constructor(bar, session, words) {
    this.#bar = bar;
    this.#session = session;
    this.#words = words;
    this.#document = bar.ownerDocument;
    required(bar, "[data-quote='share']").hidden = !navigator.share;
  }

  /** @param {Player} player */
  listen(player) {
    const page = this.#document;
    page.addEventListener("selectionchange", () => this.#changing());
    page.addEventListener("pointerdown", (event) => (this.#pointing = event.pointerType === "mouse"));
    page.addEventListener("pointerup", () => ((this.#pointing = false), this.#changing()));
    page.addEventListener("click", (event) => void this.#open(closest(event, "[data-quote-turn]")));
    page.addEventListener("keydown", (event) => this.#key(event));
    this.#bar.addEventListener("pointerdown", () => (this.#pressedAt = performance.now()));
    this.#bar.addEventListener("mousedown", (event) => event.preventDefault()); // the selection stays
    this.#bar.addEventListener("click", (event) => void this.#act(closest(event, "[data-quote]"), player));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Escape" && !this.#bar.hidden) this.#dismiss();
  }

  /** Closes the bar, and takes the selection back that opened it. */
  #dismiss() {
    getSelection()?.removeAllRanges();
    this.#close();
  }

  #changing() {
    clearTimeout(this.#timer);
    if (!this.#pointing) this.#timer = setTimeout(() => void this.#read(), SETTLED_MS);
  }

  async #read() {
    const selection = getSelection();
    if (!selection || selection.isCollapsed || !this.#inTranscript(selection)) return this.#dropped();
    await this.#words.load();
    const parts = selection.isCollapsed ? [] : this.#partsIn(selection.getRangeAt(0));
    if (parts.length) this.#show(parts);
    else this.#dropped();
  }

  /** @param {Selection} selection */
  #inTranscript({ anchorNode, focusNode }) {
    const transcript = required(this.#document, ".transcript");
    return transcript.contains(anchorNode) && transcript.contains(focusNode);
  }

  #dropped() {
    const inUse = this.#bar.contains(this.#document.activeElement) || performance.now() - this.#pressedAt < PRESS_MS;
    if (!inUse) this.#close();
  }

  /** @param {Range} range */
  #partsIn(range) {
    const turns = /** @type {NodeListOf<HTMLElement>} */ (this.#document.querySelectorAll("[data-turn]"));
    return [...turns].filter((turn) => range.intersectsNode(turn)).flatMap((turn) => this.#partOf(turn, range));
  }

  /**
   * @param {HTMLElement} turn
   * @param {Range} range
   * @returns {Part[]}
   */
  #partOf(turn, { startContainer, startOffset, endContainer, endOffset }) {
    const text = required(turn, ".said");
    const words = this.#words.of(turn);
    if (!words) return [];
    const before = text.contains(startContainer) ? charactersBefore(text, startContainer, startOffset) : 0;
    const all = text.textContent.length;
    const ends = text.contains(endContainer);
    const range = this.#document.createRange();
    range.selectNodeContents(text);
    if (range.comparePoint(endContainer, endOffset) < 0 || range.comparePoint(startContainer, startOffset) > 0) return [];
    const chosen = wordsBetween(words, before, ends ? charactersBefore(text, endContainer, endOffset) : all);
    return chosen ? [{ turn, words, ...chosen }] : [];
  }

  /**
   * Opens the bar on all the words of a turn, for its button.
   * @param {HTMLElement | null} button
   */
  async #open(button) {
    const turn = /** @type {HTMLElement | null} */ (button?.closest("[data-turn]"));
    if (!button || !turn) return;
    await this.#words.load();
    const words = this.#words.of(turn);
    if (!words) return;
    this.#select([{ turn, words, first: 0, last: words.length - 1 }]);
    this.#opener = button;
    required(this.#bar, "[data-quote]").focus();
  }

  /** @param {Part[]} parts */
  #select(parts) {
    const first = rangeOf(parts[0].turn, parts[0].words, parts[0].first);
    const { turn, words, last } = parts[parts.length - 1];
    const end = rangeOf(turn, words, last);
    getSelection()?.setBaseAndExtent(first.startContainer, first.startOffset, end.endContainer, end.endOffset);
    this.#show(parts);
  }

  /** @param {Part[]} parts */
  #show(parts) {
    this.#parts = parts;
    const { start, end } = intervalOf(parts);
    required(this.#bar, "[data-show='who']").textContent = this.#speakers;
    required(this.#bar, "[data-show='words']").textContent = `« ${parts.map(textOf).join(" … ")} »`;
    required(this.#bar, "[data-show='when']").textContent = this.#hasSound ? `${clock(start)}–${clock(end)}` : "";
    const { clips, frame, revision } = this.#session.dataset;
    this.#offer("download", `${clips}?start_ms=${start}&end_ms=${end}&download=1`, end - start);
    this.#offer("video", `${frame}/video.mp4?t=${start}-${end}&r=${revision}`, end - start);
    required(this.#bar, "[data-quote='play']").hidden = !this.#hasSound;
    this.#place(parts[parts.length - 1]);
  }

  /**
   * @param {"download" | "video"} name
   * @param {string} address
   * @param {number} length of the sound in ms: what is longer is not cut out
   */
  #offer(name, address, length) {
    const link = required(this.#bar, `[data-quote='${name}']`, HTMLAnchorElement);
    link.hidden = !this.#hasSound || length > LONGEST_CLIP_MS;
    link.href = address;
  }

  get #speakers() {
    return [...new Set(this.#parts.map(({ turn }) => turn.dataset.label))].join(", ");
  }

  get #hasSound() {
    return Boolean(this.#session.dataset.opus);
  }

  /**
   * After the last words: on the page, where a mouse is near, and in the order of the keyboard's focus.
   * @param {Part} part
   */
  #place({ turn, words, last }) {
    if (turn.nextElementSibling !== this.#bar) turn.after(this.#bar);
    this.#bar.hidden = false;
    const { bottom } = rangeOf(turn, words, last).getBoundingClientRect();
    const above = this.#bar.offsetParent?.getBoundingClientRect().top ?? 0;
    this.#bar.style.setProperty("--top", `${bottom - above + GAP_PX}px`);
  }

  #close() {
    if (this.#bar.hidden) return;
    const back = this.#bar.contains(this.#document.activeElement) ? this.#opener : null;
    this.#bar.hidden = true;
    this.#parts = [];
    this.#opener = null;
    back?.focus();
  }

  /**
   * A permanent address of the words: their interval, in the revision that is read.
   * @param {string | undefined} page
   */
  #addressOn(page) {
    const { start, end } = intervalOf(this.#parts);
    return new URL(`${page}?t=${start}-${end}&r=${this.#session.dataset.revision}`, location.href).href;
  }

  get #address() {
    return `${this.#addressOn(this.#session.dataset.page)}#extrait`;
  }

  /** @param {string} title */
  #frame(title) {
    const frame = this.#document.createElement("iframe");
    const attributes = { src: this.#addressOn(this.#session.dataset.frame), width: "640", height: "320", title };
    for (const [name, value] of Object.entries(attributes)) frame.setAttribute(name, value);
    frame.setAttribute("loading", "lazy");
    return frame.outerHTML;
  }

  get #reference() {
    const quotes = this.#parts.map((part) => ({ name: nameOf(part), text: textOf(part) }));
    const { point } = /** @type {HTMLElement} */ (this.#parts[0].turn.closest("section")).dataset;
    const time = this.#hasSound && clock(intervalOf(this.#parts).start);
    return reference(quotes, [this.#session.dataset.source, point, time].filter(Boolean).join(", "));
  }

  /**
   * @param {HTMLElement | null} button
   * @param {Player} player
   */
  async #act(button, player) {
    if (!button || !this.#parts.length) return;
    const act = button.dataset.quote;
    if (act === "play") this.#play(player);
    if (act === "copy") await this.#copy(button, `${this.#reference}\n${this.#address}`);
    if (act === "link") await this.#copy(button, this.#address);
    if (act === "embed") await this.#copy(button, this.#frame(button.dataset.title ?? ""));
    if (act === "share") await this.#share();
    if (act === "close") this.#dismiss();
    const { end, step } = button.dataset;
    if (end) this.#select(moved(this.#parts, /** @type {"first" | "last"} */ (end), step === "1" ? 1 : -1));
  }

  /**
   * @param {HTMLElement} button
   * @param {string} text
   */
  async #copy(button, text) {
    await write(text);
    confirm(button);
    required(this.#bar, "[role='status']").textContent = button.dataset.copied ?? "";
  }

  async #share() {
    const { title = "" } = this.#session.dataset;
    try {
      await navigator.share({ title, text: this.#reference, url: this.#address });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error; // the reader changed their mind
    }
  }

  /** @param {Player} player */
  #play(player) {
    player.play(clipIn(this.#session, { ...intervalOf(this.#parts), label: this.#speakers, page: this.#address }));
  }
}
