// The transcript on the page: one element a turn, marks over its words, the one turn that has the focus.
// Draws what the transcript says; decides nothing.

import { clock, required, templateOf } from "../page.js";
import { typeset, wordRange } from "./words.js";

/** @import { Transcript, Turn } from "./transcript.js" */
/** @import { Say } from "./say.js" */

const HEAD_PX = 120; // how far from the window's top a word of a high turn must be,
const FOOT_PX = 200; // and how far from its foot, so that it is read without scrolling

let slots = 0; // elements made so far, for their ids: a turn's place changes, its element does not

export class View {
  #list;
  #template;
  #say;
  #slots = /** @type {Map<Turn, HTMLElement>} */ (new Map());
  #turns = /** @type {WeakMap<Element, Turn>} */ (new WeakMap()); // the turn of a slot
  #looks = /** @type {WeakMap<Turn, string>} */ (new WeakMap()); // what was drawn of a turn
  #doubts = /** @type {Map<Turn, StaticRange[]>} */ (new Map()); // ranges of a turn in the highlight
  #marks;
  #narrow = false;
  /**
   * The turn that one is at. Null only between a delta that took it away and the move to another.
   * @type {Turn | null}
   */
  current = null;
  word = 0;

  /**
   * @param {Document} document
   * @param {Transcript} transcript
   * @param {Say} say
   */
  constructor(document, transcript, say) {
    this.document = document;
    this.transcript = transcript;
    this.#list = required(document, "#tours");
    this.#template = templateOf(document, "#modele-tour");
    this.#say = say;
    this.#marks = { doubt: highlight("doubt", 0), cursor: highlight("cursor", 1), spoken: highlight("spoken", 2) };
  }

  /** The same, wherever there must be one. */
  get turn() {
    if (!this.current) throw new Error("No turn is current");
    return this.current;
  }

  /**
   * Puts the elements in the turns' order, and draws those that are new or named.
   * @param {Set<Turn>} drawn
   */
  arrange(drawn = new Set()) {
    const { turns } = this.transcript;
    const kept = new Set(turns);
    for (const [turn, slot] of this.#slots) {
      if (kept.has(turn)) continue;
      slot.remove();
      this.#slots.delete(turn);
      this.#unmark(turn);
    }
    let next = this.#list.firstElementChild;
    for (const turn of turns) {
      const known = this.#slots.get(turn);
      const slot = known ?? this.#make(turn);
      if (slot === next) next = next.nextElementSibling;
      else this.#list.insertBefore(slot, next);
      if (!known || drawn.has(turn)) this.draw(turn);
      else if (drawn.has(turns[turn.index - 1])) this.#between(turn);
    }
    if (this.current?.gone) this.current = null;
  }

  /** Draws every turn's voice, state and marks again: a name or a check may concern them all. */
  refresh() {
    for (const turn of this.transcript.turns) this.#dress(turn);
  }

  /** @param {Turn} turn */
  #make(turn) {
    const slot = this.document.importNode(this.#template, true);
    required(slot, ".said").id = `dit-${slots}`;
    required(slot, ".turn").setAttribute("aria-describedby", `dit-${slots++}`);
    this.#slots.set(turn, slot);
    this.#turns.set(slot, turn);
    return slot;
  }

  /** @param {Turn} turn */
  #slot(turn) {
    const slot = this.#slots.get(turn);
    if (!slot) throw new Error(`No element for turn ${turn.index}`);
    return slot;
  }

  /** @param {Turn} turn */
  draw(turn) {
    const said = this.said(turn);
    if (said.textContent !== turn.text) said.textContent = turn.text;
    this.#between(turn);
    this.#dress(turn);
  }

  /** @param {Turn} turn */
  #dress(turn) {
    const slot = this.#slot(turn);
    const element = required(slot, ".turn");
    const unnamed = this.transcript.unnamed(turn);
    const shown = this.transcript.voice(turn)?.shown ?? this.#say.text("nobody");
    const doubtful = this.transcript.doubtful(turn);
    const reasons = this.transcript.reasons(turn);
    const time = this.transcript.session.is_recorded ? clock(turn.start) : "";
    slot.hidden = this.#narrow && turn.checked && turn !== this.current;
    const look = JSON.stringify([turn.text, shown, unnamed, time, turn.checked, doubtful, reasons]);
    if (this.#looks.get(turn) === look) return;
    this.#looks.set(turn, look);
    required(slot, ".who").textContent = shown;
    required(slot, ".clock").textContent = time;
    element.classList.toggle("unnamed", unnamed);
    element.classList.toggle("checked", turn.checked);
    element.classList.toggle("closed", this.transcript.isRedacted(turn));
    const facts = [shown, time, turn.checked && this.#say.text("checked")];
    if (doubtful.length) facts.push(this.#say.count("doubtful", doubtful.length));
    element.setAttribute("aria-label", facts.filter(Boolean).join(", "));
    required(slot, ".reasons").textContent = typeset(reasons.map(({ reason }) => reason).join(" · "));
    this.#mark(turn, doubtful);
  }

  /**
   * What stands above a turn: a point of the agenda, a redaction, sound that was not heard.
   * @param {Turn} turn
   */
  #between(turn) {
    const { turns, agenda, standing } = this.transcript;
    const before = turns[turn.index - 1];
    /** @param {number} ms */
    const within = (ms) => ms <= turn.start && (!before || ms > before.start);
    /** @type {HTMLElement[]} */
    const notes = [];
    /** @type {(tag: string, className: string, textContent: string) => void} */
    const note = (tag, className, textContent) =>
      void notes.push(Object.assign(this.document.createElement(tag), { className, textContent }));
    for (const { number, title, start_ms: start } of agenda) {
      if (start !== null && within(start)) note("h2", "point", `${number} ${title}`);
    }
    for (const [start, end] of standing.closed.filter(([at]) => within(at))) {
      note("p", "note closed", this.#say.text("closed", { start: clock(start), end: clock(end) }));
    }
    for (const [start, end] of standing.withheld.filter(([at]) => within(at))) {
      note("p", "note closed", this.#say.text("withheld", { start: clock(start), end: clock(end) }));
    }
    for (const [start, end] of standing.unheard.filter(([at]) => within(at))) {
      note("p", "note", this.#say.text("unheard", { start: clock(start), end: clock(end) }));
    }
    required(this.#slot(turn), ".between").replaceChildren(...notes);
  }

  /**
   * A quiet line below a turn: what somebody else did to it.
   * @param {Turn} turn
   * @param {string} text
   */
  note(turn, text) {
    const slot = this.#slots.get(turn);
    if (slot) required(slot, ".by").textContent = text;
  }

  // --- marks ---

  /**
   * @param {Turn} turn
   * @param {number[]} doubtful places of words
   */
  #mark(turn, doubtful) {
    this.#unmark(turn);
    const said = this.said(turn);
    const ranges = doubtful.map((word) => wordRange(said, turn, word)).filter((range) => range !== null);
    ranges.forEach((range) => this.#marks.doubt.add(range));
    if (ranges.length) this.#doubts.set(turn, ranges);
  }

  /** @param {Turn} turn */
  #unmark(turn) {
    this.#doubts.get(turn)?.forEach((range) => this.#marks.doubt.delete(range));
    this.#doubts.delete(turn);
  }

  /**
   * @param {Highlight} mark
   * @param {Turn | null} turn
   * @param {number | null} word
   */
  #set(mark, turn, word) {
    mark.clear();
    const range = turn && word !== null && turn.words[word] && wordRange(this.said(turn), turn, word);
    if (range) mark.add(range);
  }

  /**
   * Lights up the word that is said; null puts the light out.
   * @param {Turn | null} turn
   * @param {number | null} word
   */
  light(turn, word = null) {
    this.#set(this.#marks.spoken, turn, word);
  }

  // --- where one is ---

  /**
   * The element of a turn's text.
   * @param {Turn} turn
   */
  said(turn) {
    return required(this.#slot(turn), ".said");
  }

  /** @param {Turn} turn */
  article(turn) {
    return required(this.#slot(turn), ".turn");
  }

  /**
   * The turn that an element belongs to.
   * @param {Element} element
   */
  turnOf(element) {
    const slot = element.closest(".slot");
    return (slot && this.#turns.get(slot)) ?? null;
  }

  /** @param {Turn} turn */
  isShown(turn) {
    return !this.#slot(turn).hidden;
  }

  /**
   * Goes to a word of a turn.
   * @param {Turn} turn
   * @param {number} word
   * @param {object} [options]
   * @param {boolean} [options.focus] false leaves the keyboard where it is (a text being written)
   */
  go(turn, word = 0, { focus = true } = {}) {
    const before = this.current;
    this.current = turn;
    this.word = Math.max(0, Math.min(word, turn.words.length - 1));
    if (before && before !== turn && this.#slots.has(before)) {
      this.article(before).tabIndex = -1;
      this.article(before).removeAttribute("aria-current");
      this.#dress(before);
    }
    const element = this.article(turn);
    element.tabIndex = 0;
    element.setAttribute("aria-current", "true");
    this.#slot(turn).hidden = false;
    this.point();
    if (focus) element.focus({ preventScroll: true });
    this.#bring(element);
  }

  /** Draws the cursor where it is. */
  point() {
    this.#set(this.#marks.cursor, this.current, this.word);
  }

  /**
   * Into the middle of the window: what comes next is read ahead.
   * @param {HTMLElement} element
   */
  #bring(element) {
    const { top, bottom, height } = element.getBoundingClientRect();
    const style = getComputedStyle(this.document.documentElement);
    const head = parseFloat(style.scrollPaddingTop) || 0;
    const foot = innerHeight - (parseFloat(style.scrollPaddingBottom) || 0);
    if (top >= head && bottom <= foot) return;
    if (height > foot - head) return this.#bringWord();
    return element.scrollIntoView({ block: "center" });
  }

  /** A turn that is higher than the window: its word is what must be in sight. */
  #bringWord() {
    const range = wordRange(this.said(this.turn), this.turn, this.word);
    if (!range) return;
    const live = this.document.createRange();
    live.setStart(range.startContainer, range.startOffset);
    live.setEnd(range.endContainer, range.endOffset);
    const { top, bottom } = live.getBoundingClientRect();
    if (top < HEAD_PX || bottom > innerHeight - FOOT_PX) scrollBy({ top: top - innerHeight / 3 });
  }

  /** Shows only what was not checked, or all again. Returns which. */
  narrow(only = !this.#narrow) {
    this.#narrow = only;
    this.refresh();
    return only;
  }
}

/**
 * A highlight of the page, in the order in which they cover one another.
 * @param {string} name
 * @param {number} priority
 */
function highlight(name, priority) {
  const mark = new Highlight();
  mark.priority = priority;
  CSS.highlights.set(name, mark);
  return mark;
}
