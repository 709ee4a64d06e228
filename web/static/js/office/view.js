// The transcript on the page: one element a turn, marks over its words, the one turn that has the focus.
// Draws what the sitting says; decides nothing.

import { clock } from "./sound.js";
import { typeset, wordRange } from "./words.js";

let made = 0; // ids of elements: a turn's place changes, its element does not

export class View {
  #list;
  #mould;
  #say;
  #slots = new Map(); // turn -> its element
  #turns = new WeakMap(); // its element -> turn
  #looks = new WeakMap(); // turn -> what was drawn of it
  #doubts = new Map(); // turn -> its ranges in the highlight
  #marks;
  #narrow = false;
  current = null;
  word = 0;

  constructor(document, sitting, say) {
    Object.assign(this, { document, sitting });
    this.#list = document.getElementById("tours");
    this.#mould = document.getElementById("modele-tour").content.firstElementChild;
    this.#say = say;
    this.#marks = ["doubt", "cursor", "spoken"].map((name, priority) => {
      const mark = new Highlight();
      mark.priority = priority;
      CSS.highlights.set(name, mark);
      return mark;
    });
  }

  /** Puts the elements in the turns' order, and draws those that are new or named. */
  arrange(drawn = new Set()) {
    const { turns } = this.sitting;
    const kept = new Set(turns);
    for (const [turn, slot] of this.#slots) {
      if (kept.has(turn)) continue;
      slot.remove();
      this.#slots.delete(turn);
      this.#unmark(turn);
    }
    let at = this.#list.firstElementChild;
    for (const turn of turns) {
      const known = this.#slots.get(turn);
      const slot = known ?? this.#make(turn);
      if (slot === at) at = at.nextElementSibling;
      else this.#list.insertBefore(slot, at);
      if (!known || drawn.has(turn)) this.draw(turn);
      else if (drawn.has(turns[turn.index - 1])) this.#between(turn);
    }
    if (this.current?.gone) this.current = null;
  }

  /** Draws every turn's voice, state and marks again: a name or a check may concern them all. */
  refresh() {
    for (const turn of this.sitting.turns) this.#dress(turn);
  }

  #make(turn) {
    const slot = this.document.importNode(this.#mould, true);
    slot.querySelector(".said").id = `dit-${made}`;
    slot.querySelector(".turn").setAttribute("aria-describedby", `dit-${made++}`);
    this.#slots.set(turn, slot);
    this.#turns.set(slot, turn);
    return slot;
  }

  draw(turn) {
    const said = this.said(turn);
    if (said.textContent !== turn.text) said.textContent = turn.text;
    this.#between(turn);
    this.#dress(turn);
  }

  #dress(turn) {
    const slot = this.#slots.get(turn);
    const element = slot.querySelector(".turn");
    const who = slot.querySelector(".who");
    const unnamed = this.sitting.unnamed(turn);
    const shown = this.sitting.voice(turn)?.shown ?? this.#say.text("nobody");
    const doubtful = this.sitting.doubtful(turn);
    const reasons = this.sitting.reasons(turn);
    const time = this.sitting.session.has_audio ? clock(turn.start) : "";
    slot.hidden = this.#narrow && turn.checked && turn !== this.current;
    const look = JSON.stringify([turn.text, shown, unnamed, time, turn.checked, doubtful, reasons]);
    if (this.#looks.get(turn) === look) return;
    this.#looks.set(turn, look);
    who.textContent = shown;
    slot.querySelector(".clock").textContent = time;
    element.classList.toggle("unnamed", unnamed);
    element.classList.toggle("checked", turn.checked);
    element.classList.toggle("closed", this.sitting.isClosed(turn));
    const facts = [shown, time, turn.checked && this.#say.text("checked")];
    if (doubtful.length) facts.push(this.#say.count("doubtful", doubtful.length));
    element.setAttribute("aria-label", facts.filter(Boolean).join(", "));
    slot.querySelector(".reasons").textContent = typeset(reasons.map(({ reason }) => reason).join(" · "));
    this.#mark(turn, doubtful);
  }

  #between(turn) {
    const before = this.sitting.turns[turn.index - 1];
    const within = (ms) => ms <= turn.start && (!before || ms > before.start);
    const notes = [];
    for (const item of this.sitting.agenda.filter(({ start_ms: at }) => at !== null && within(at))) {
      notes.push(["h2", "point", `${item.number} ${item.title}`]);
    }
    for (const [start, end] of this.sitting.closed.filter(([at]) => within(at))) {
      notes.push(["p", "note closed", this.#say.text("closed", { start: clock(start), end: clock(end) })]);
    }
    for (const [start, end] of this.sitting.unheard.filter(([at]) => within(at))) {
      notes.push(["p", "note", this.#say.text("unheard", { start: clock(start), end: clock(end) })]);
    }
    const elements = notes.map(([tag, className, textContent]) =>
      Object.assign(this.document.createElement(tag), { className, textContent }),
    );
    this.#slots.get(turn).querySelector(".between").replaceChildren(...elements);
  }

  /** A quiet line below a turn: what somebody else did to it. */
  note(turn, text) {
    if (this.#slots.has(turn)) this.#slots.get(turn).querySelector(".by").textContent = text;
  }

  // --- marks ---

  #mark(turn, doubtful) {
    this.#unmark(turn);
    const said = this.said(turn);
    const ranges = doubtful.map((word) => wordRange(said, turn, word)).filter(Boolean);
    ranges.forEach((range) => this.#marks[0].add(range));
    if (ranges.length) this.#doubts.set(turn, ranges);
  }

  #unmark(turn) {
    this.#doubts.get(turn)?.forEach((range) => this.#marks[0].delete(range));
    this.#doubts.delete(turn);
  }

  #set(mark, turn, word) {
    mark.clear();
    const range = turn?.words[word] && wordRange(this.said(turn), turn, word);
    if (range) mark.add(range);
  }

  /** Lights up the word that is said; null puts the light out. */
  light(turn, word) {
    this.#set(this.#marks[2], turn, word);
  }

  // --- where one is ---

  said(turn) {
    return this.#slots.get(turn).querySelector(".said");
  }

  article(turn) {
    return this.#slots.get(turn).querySelector(".turn");
  }

  /** The turn that an element belongs to. */
  turnOf(element) {
    return this.#turns.get(element.closest(".slot")) ?? null;
  }

  isShown(turn) {
    return !this.#slots.get(turn).hidden;
  }

  /** Goes to a word of a turn. `focus` false leaves the keyboard where it is (a text being written). */
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
    this.#slots.get(turn).hidden = false;
    this.point();
    if (focus) element.focus({ preventScroll: true });
    this.#bring(element);
  }

  /** Draws the cursor where it is. */
  point() {
    this.#set(this.#marks[1], this.current, this.word);
  }

  /** Into the middle of the window: what comes next is read ahead. */
  #bring(element) {
    const { top, bottom, height } = element.getBoundingClientRect();
    const style = getComputedStyle(this.document.documentElement);
    const head = parseFloat(style.scrollPaddingTop) || 0;
    const foot = innerHeight - (parseFloat(style.scrollPaddingBottom) || 0);
    if (top >= head && bottom <= foot) return;
    if (height > foot - head) return this.#bringWord();
    element.scrollIntoView({ block: "center" });
  }

  /** A turn that is higher than the window: its word is what must be in sight. */
  #bringWord() {
    const range = wordRange(this.said(this.current), this.current, this.word);
    if (!range) return;
    const live = this.document.createRange();
    live.setStart(range.startContainer, range.startOffset);
    live.setEnd(range.endContainer, range.endOffset);
    const { top, bottom } = live.getBoundingClientRect();
    if (top < 120 || bottom > innerHeight - 200) scrollBy({ top: top - innerHeight / 3 });
  }

  /** Shows only what nobody has checked, or all again. Returns which. */
  narrow(only = !this.#narrow) {
    this.#narrow = only;
    this.refresh();
    return only;
  }
}
