// One turn's text, while it is written. A textarea: the browser's own undo, spelling and input methods
// work in it, and nothing but text can get in.
// Saves by itself after a pause and on leaving; until the server has it, a draft is kept (drafts.js).

import { bare } from "./words.js";

/** @import { Anchor, Transcript, Turn } from "./transcript.js" */
/** @import { Drafts, NamedDraft } from "./drafts.js" */
/** @import { Edits } from "./edits.js" */
/** @import { Say } from "./say.js" */
/** @import { View } from "./view.js" */
/**
 * The text that is being written.
 * @typedef {object} Open
 * @property {Turn} turn
 * @property {Anchor} anchor
 * @property {HTMLTextAreaElement} field
 * @property {string} saved what the server knows of it
 * @property {string} before what stood there when it was opened
 */

const PAUSE_MS = 1500; // of the hands: then what is written is saved

export class Editor {
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #open = /** @type {Open | null} */ (null);

  /**
   * @param {Document} document
   * @param {Transcript} transcript
   * @param {View} view
   * @param {Edits} edits
   * @param {Drafts} drafts
   * @param {Say} say
   * @param {(before: string, text: string) => void} corrected called when a text is left that differs from before
   */
  constructor(document, transcript, view, edits, drafts, say, corrected) {
    this.document = document;
    this.transcript = transcript;
    this.view = view;
    this.edits = edits;
    this.drafts = drafts;
    this.say = say;
    this.corrected = corrected;
    addEventListener("pagehide", () => this.#save());
  }

  get turn() {
    return this.#open?.turn ?? null;
  }

  /** What the text is written upon. */
  get anchor() {
    return this.#open?.anchor ?? null;
  }

  get isOpen() {
    return this.#open !== null;
  }

  /**
   * Opens a turn with a word selected, less its signs; or with a `draft` in place of its text.
   * @param {Turn} turn
   * @param {number} word
   * @param {NamedDraft | null} draft
   */
  open(turn, word, draft = null) {
    if (this.#open?.turn === turn) return;
    this.leave();
    const said = this.view.said(turn);
    const field = this.document.createElement("textarea");
    field.className = "writing";
    field.lang = "fr";
    field.spellcheck = true;
    field.value = draft?.text ?? turn.text;
    field.setAttribute("aria-label", this.say.text("writing", { who: this.transcript.voice(turn)?.shown ?? "" }));
    field.addEventListener("input", () => this.#written());
    said.hidden = true;
    said.after(field);
    if (draft) turn.draft = draft.name;
    this.#open = { turn, anchor: this.transcript.anchor(turn), field, saved: turn.text, before: turn.text };
    this.view.article(turn).classList.add("written");
    fit(field);
    field.focus({ preventScroll: true });
    this.#select(field, turn, draft ? null : word);
  }

  /**
   * @param {HTMLTextAreaElement} field
   * @param {Turn} turn
   * @param {number | null} word null for the end of the text
   */
  #select(field, turn, word) {
    if (word === null || !turn.words[word]) return field.setSelectionRange(field.value.length, field.value.length);
    const at = turn.offsets[word];
    const { start, end } = bare(turn.words[word][2]);
    return field.setSelectionRange(at + start, at + end);
  }

  focus() {
    this.#open?.field.focus({ preventScroll: true });
  }

  /**
   * Writes a key that was pressed while the page was busy.
   * @param {string} key
   */
  type(key) {
    if (!this.#open) return;
    const { field } = this.#open;
    const [start, end] = [field.selectionStart, field.selectionEnd];
    if (key === "Backspace") field.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end");
    else if (key.length === 1) field.setRangeText(key, start, end, "end");
    else return;
    this.#written();
  }

  #written() {
    if (!this.#open) return;
    const { turn, field, before } = this.#open;
    turn.draft ??= this.drafts.name();
    this.drafts.keep(turn.draft, { start: turn.start, end: turn.end, before, text: field.value });
    fit(field);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => clean(field.value) && this.#save(), PAUSE_MS); // empty, its turn would go
  }

  /** Sends what is written, if the server does not know it. */
  async #save() {
    clearTimeout(this.#timer);
    const open = this.#open;
    if (!open) return;
    const text = clean(open.field.value);
    if (text === open.saved) return;
    open.saved = text;
    const outcome = await this.edits.text(open.anchor, text);
    if (outcome === "saved" && (this.#open !== open || clean(open.field.value) === text)) this.forget(open.turn);
  }

  /**
   * The server has the text of a turn, or it is not wanted any more.
   * @param {Turn} turn
   */
  forget(turn) {
    if (turn.draft) this.drafts.forget(turn.draft);
    turn.draft = null;
  }

  /** Closes without saving, and gives what was written: somebody else was there first. */
  drop() {
    if (!this.#open) return "";
    const { field, anchor } = this.#open;
    const text = clean(field.value);
    clearTimeout(this.#timer);
    anchor.release();
    this.#close(this.#open);
    return text;
  }

  /** @param {Open} open */
  #close({ turn, field }) {
    this.#open = null;
    field.remove();
    if (turn.gone) return;
    this.view.said(turn).hidden = false;
    this.view.article(turn).classList.remove("written");
    this.view.draw(turn);
  }

  /**
   * Back to reading; the text is saved meanwhile. Returns the turn, the word that one was at, and what a turn said
   * that was left empty: it goes.
   */
  leave() {
    const open = this.#open;
    if (!open) return null;
    const { turn, field, anchor, before } = open;
    const { turns } = this.transcript;
    const text = clean(field.value);
    const caret = field.selectionStart;
    if (text === before && open.saved === before) this.forget(turn);
    this.#save().finally(() => anchor.release());
    if (text && text !== turn.text && !turn.gone) turn.retype(text);
    this.#close(open);
    const emptied = text ? "" : before;
    if (turn.gone) return { turn: turns[Math.min(turn.index, turns.length - 1)], word: 0, emptied };
    if (text && text !== before) this.corrected(before, text);
    return { turn, word: turn.wordAt(caret), emptied };
  }
}

/**
 * Makes a field as high as its text.
 * @param {HTMLTextAreaElement} field
 */
function fit(field) {
  field.rows = 1;
  const style = getComputedStyle(field);
  const lines = (field.scrollHeight - parseFloat(style.paddingBlockStart) * 2) / parseFloat(style.lineHeight);
  field.rows = Math.max(1, Math.round(lines));
}

/**
 * A text as the server keeps it: one space between words, none around. No-break spaces stay.
 * @param {string} text
 */
export function clean(text) {
  return text.replace(/[ \t\r\n]+/g, " ").trim();
}
