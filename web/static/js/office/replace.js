// Find and replace, over text and names: everything that would change is shown first, and can be left out.

import { clock, required, submitButton } from "../page.js";
import { messageOf } from "./panels.js";
import { difference, showDifference } from "./words.js";

/** @import { Transcript } from "./transcript.js" */
/** @import { Edits } from "./edits.js" */
/** @import { Say } from "./say.js" */
/** @import { Wire } from "./wire.js" */
/** @import { Piece } from "./words.js" */
/** @typedef {{ turn: number, start_ms: number, before: string, after: string }} Match */
/** @typedef {{ label: string, before: string, after: string }} NameMatch */
/** @typedef {{ revision: number, matches: Match[], speakers: NameMatch[] }} Preview what the server would change */

const PREVIEW_PAUSE_MS = 250; // of the hands: then the preview is asked for
const SHOWN_LINES = 200; // lines of a preview; what is beyond is counted

/**
 * What is to be replaced: all that was found, less what is left out. Lines that are not shown cannot be.
 * @param {Preview} preview
 * @param {Iterable<{ name: string, value: string }>} unchecked the boxes that were cleared
 */
export function chosenOf({ matches, speakers }, unchecked) {
  const out = new Set([...unchecked].map(({ name, value }) => `${name} ${value}`));
  return {
    turns: matches.map(({ turn }) => turn).filter((turn) => !out.has(`turn ${turn}`)),
    names: speakers.map(({ label }) => label).filter((label) => !out.has(`voice ${label}`)),
  };
}

/**
 * What changes, and a few words around it.
 * @param {Piece[]} pieces
 * @param {number} around characters
 */
export function excerpt(pieces, around = 40) {
  return pieces.map(({ kind, text }, n) => {
    if (kind !== "same" || text.length <= 2 * around) return { kind, text };
    const head = n === 0 ? "" : text.slice(0, text.lastIndexOf(" ", around) + 1);
    const tail = n === pieces.length - 1 ? "" : text.slice(text.indexOf(" ", text.length - around));
    return { kind, text: `${head}…${tail}` };
  });
}

export class ReplaceDialog {
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #asked = 0;
  #preview = /** @type {Preview | null} */ (null);

  /**
   * @param {Document} document
   * @param {Transcript} transcript
   * @param {Edits} edits
   * @param {Wire} wire
   * @param {Say} say
   * @param {(find: string, by: string, count: number) => void} replaced called when it was done
   */
  constructor(document, transcript, edits, wire, say, replaced) {
    this.document = document;
    this.transcript = transcript;
    this.edits = edits;
    this.wire = wire;
    this.say = say;
    this.replaced = replaced;
    this.dialog = required(document, "#dialogue-remplacer", HTMLDialogElement);
    this.form = required(this.dialog, "form", HTMLFormElement);
    this.find = required(this.form, "[name=find]", HTMLInputElement);
    this.by = required(this.form, "[name=by]", HTMLInputElement);
    this.wholeWords = required(this.form, "[name=whole]", HTMLInputElement);
    this.matchCase = required(this.form, "[name=match]", HTMLInputElement);
    this.names = required(this.form, "[name=names]", HTMLInputElement);
    this.list = required(this.dialog, "[data-show=matches]");
    this.status = required(this.dialog, "[role=status]");
    this.button = required(this.dialog, "[data-does=apply]");
    this.form.addEventListener("input", (event) => {
      if (event.target instanceof Node && this.list.contains(event.target)) return this.#count();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(), PREVIEW_PAUSE_MS);
      return undefined;
    });
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  /**
   * Opens with what to look for and what to write instead, either may be empty.
   * @param {string} find
   * @param {string} by
   */
  open(find, by) {
    this.find.value = find;
    this.by.value = by;
    this.#show(null);
    this.dialog.showModal();
    this.find.select();
    if (find) this.#look();
  }

  get #request() {
    return {
      find: this.find.value.trim(),
      by: this.by.value.trim(),
      whole_words: this.wholeWords.checked,
      match_case: this.matchCase.checked,
    };
  }

  /** Looks once what was written before is through: it must not be found as it was. */
  async #look() {
    clearTimeout(this.#timer);
    const number = ++this.#asked;
    const request = this.#request;
    const names = this.names.checked;
    if (!request.find) return this.#show(null);
    try {
      /** @type {Preview | null} */
      const preview = await this.wire.send("/replace/preview", () => request, (answer) => answer, { changes: false });
      if (number === this.#asked) this.#show(preview && { ...preview, speakers: names ? preview.speakers : [] });
    } catch (error) {
      if (number === this.#asked) this.#show(null, messageOf(error));
    }
    return undefined;
  }

  /**
   * @param {Preview | null} preview
   * @param {string} trouble
   */
  #show(preview, trouble = "") {
    this.#preview = preview;
    const matches = preview?.matches.slice(0, SHOWN_LINES) ?? [];
    const voices = preview?.speakers ?? [];
    this.list.replaceChildren(...voices.map((voice) => this.#voice(voice)), ...matches.map((match) => this.#match(match)));
    this.status.textContent = trouble;
    this.#allow(false);
    this.#count();
  }

  /** @param {NameMatch} match */
  #voice({ label, before, after }) {
    return this.#line(this.say.text("a_name"), before, after, { name: "voice", value: label });
  }

  /** @param {Match} match */
  #match({ turn, start_ms: start, before, after }) {
    const place = this.transcript.session.is_recorded ? clock(start) : this.say.text("turn", { n: turn + 1 });
    return this.#line(place, before, after, { name: "turn", value: String(turn) });
  }

  /**
   * @param {string} place
   * @param {string} before
   * @param {string} after
   * @param {{ name: "voice" | "turn", value: string }} named
   */
  #line(place, before, after, named) {
    const line = this.document.createElement("li");
    const label = this.document.createElement("label");
    const box = Object.assign(this.document.createElement("input"), { type: "checkbox", checked: true, ...named });
    const text = this.document.createElement("span");
    showDifference(text, excerpt(difference(before, after)));
    const clocked = Object.assign(this.document.createElement("span"), { className: "clock", textContent: place });
    label.append(box, clocked, text);
    line.append(label);
    return line;
  }

  /** @param {Preview} preview */
  #chosen(preview) {
    return chosenOf(preview, /** @type {NodeListOf<HTMLInputElement>} */ (this.list.querySelectorAll("input:not(:checked)")));
  }

  #count() {
    const preview = this.#preview;
    if (!preview) return;
    const { turns, names } = this.#chosen(preview);
    const texts = [this.say.count("matches", turns.length)];
    if (preview.speakers.length) texts.push(this.say.count("names", names.length));
    if (preview.matches.length > SHOWN_LINES) texts.push(this.say.text("more", { n: preview.matches.length - SHOWN_LINES }));
    this.status.textContent = texts.join(" · ");
    this.#allow(turns.length + names.length > 0);
  }

  /**
   * Never `disabled`: Enter in a field would then do nothing at all.
   * @param {boolean} can
   */
  #allow(can) {
    this.button.setAttribute("aria-disabled", String(!can));
  }

  get #allowed() {
    return this.button.getAttribute("aria-disabled") === "false";
  }

  /** Enter goes on to what to write, then looks, then replaces: nothing changes that was not on the screen. */
  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    if (submitButton(event)?.value === "cancel") return this.dialog.close();
    if (this.document.activeElement === this.find && !this.by.value) return this.by.focus();
    if (this.document.activeElement !== this.button) {
      await this.#look();
      if (this.#allowed) this.button.focus();
      return undefined;
    }
    if (!this.#allowed || !this.#preview) return undefined;
    const request = this.#request;
    const chosen = this.#chosen(this.#preview);
    const { revision } = this.#preview;
    this.dialog.close();
    const changed = await this.edits.replace({ ...request, ...chosen }, revision);
    if (changed) this.replaced(request.find, request.by, chosen.turns.length);
    return undefined;
  }
}
