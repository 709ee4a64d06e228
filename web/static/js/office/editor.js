// One turn's text, while it is written. A textarea: the browser's own undo, spelling and input methods
// work in it, and nothing but text can get in.
// Saves by itself after a pause and on leaving; until the server has it, a draft is kept (drafts.js).

import { bare } from "./words.js";

const PAUSE_MS = 1500;

export class Editor {
  #timer = 0;
  #at = null; // {turn, anchor, field, saved, before}

  /** `left(turn, before, text)` is told when a text is left that is another than before. */
  constructor(document, sitting, view, edits, drafts, say, { left }) {
    Object.assign(this, { document, sitting, view, edits, drafts, say, left });
    addEventListener("pagehide", () => this.#save());
  }

  get turn() {
    return this.#at?.turn ?? null;
  }

  /** What the text is written upon. */
  get anchor() {
    return this.#at?.anchor ?? null;
  }

  get isOpen() {
    return this.#at !== null;
  }

  /** Opens a turn with a word selected, less its signs; or with a `draft` in place of its text. */
  open(turn, word, draft = null) {
    if (this.#at?.turn === turn) return;
    this.leave();
    const said = this.view.said(turn);
    const field = this.document.createElement("textarea");
    field.className = "writing";
    field.lang = "fr";
    field.spellcheck = true;
    field.value = draft?.text ?? turn.text;
    field.setAttribute("aria-label", this.say.text("writing", { who: this.sitting.voice(turn)?.shown ?? "" }));
    field.addEventListener("input", () => this.#written());
    said.hidden = true;
    said.after(field);
    if (draft) turn.draft = draft.name;
    this.#at = { turn, anchor: this.sitting.anchor(turn), field, saved: turn.text, before: turn.text };
    this.view.article(turn).classList.add("written");
    this.#fit();
    field.focus({ preventScroll: true });
    this.#select(turn, draft ? null : word);
  }

  #select(turn, word) {
    const { field } = this.#at;
    if (word === null || !turn.words[word]) return field.setSelectionRange(field.value.length, field.value.length);
    const at = turn.offsets[word];
    const { start, end } = bare(turn.words[word][2]);
    field.setSelectionRange(at + start, at + end);
  }

  focus() {
    this.#at.field.focus({ preventScroll: true });
  }

  /** Writes a key that was pressed while the page was busy. */
  type(key) {
    const { field } = this.#at ?? {};
    if (!field) return;
    const [start, end] = [field.selectionStart, field.selectionEnd];
    if (key === "Backspace") field.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
    else if (key.length === 1) field.setRangeText(key, start, end, "end");
    else return;
    this.#written();
  }

  #written() {
    const { turn, field, before } = this.#at;
    turn.draft ??= this.drafts.name();
    this.drafts.keep(turn.draft, { start: turn.start, end: turn.end, before, text: field.value });
    this.#fit();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => clean(field.value) && this.#save(), PAUSE_MS); // empty, its turn would go
  }

  /** As high as its text. */
  #fit() {
    const { field } = this.#at;
    field.rows = 1;
    const style = getComputedStyle(field);
    const lines = (field.scrollHeight - parseFloat(style.paddingBlockStart) * 2) / parseFloat(style.lineHeight);
    field.rows = Math.max(1, Math.round(lines));
  }

  /** Sends what is written, if the server does not know it. */
  async #save() {
    clearTimeout(this.#timer);
    if (!this.#at) return;
    const at = this.#at;
    const text = clean(at.field.value);
    if (text === at.saved) return;
    at.saved = text;
    const done = await this.edits.text(at.anchor, text);
    if (done === "saved" && (this.#at !== at || clean(at.field.value) === text)) this.forget(at.turn);
  }

  /** The server has the text of a turn, or it is not wanted any more. */
  forget(turn) {
    if (turn.draft) this.drafts.forget(turn.draft);
    turn.draft = null;
  }

  /** Closes without saving, and gives what was written: somebody else was there first. */
  drop() {
    const { field, anchor } = this.#at;
    const text = clean(field.value);
    clearTimeout(this.#timer);
    anchor.release();
    this.#close();
    return text;
  }

  #close() {
    const { turn, field } = this.#at;
    this.#at = null;
    field.remove();
    if (turn.gone) return;
    this.view.said(turn).hidden = false;
    this.view.article(turn).classList.remove("written");
    this.view.draw(turn);
  }

  /** Back to reading; the text is saved meanwhile. Returns the turn, and the word that one was at. */
  leave() {
    if (!this.#at) return null;
    const { turn, field, anchor, before } = this.#at;
    const { turns } = this.sitting;
    const text = clean(field.value);
    const caret = field.selectionStart;
    if (text === before && this.#at.saved === before) this.forget(turn);
    this.#save().finally(() => anchor.release());
    if (text && text !== turn.text && !turn.gone) turn.retype(text);
    this.#close();
    if (turn.gone) return { turn: turns[Math.min(turn.index, turns.length - 1)], word: 0 };
    if (text !== before) this.left(turn, before, text);
    return { turn, word: turn.wordAt(caret) };
  }
}

/** As the server keeps it: one space between words, none around. No-break spaces stay. */
function clean(text) {
  return text.replace(/[ \t\r\n]+/g, " ").trim();
}
