// Find and replace, over text and names: everything that would change is shown first, and can be left out.

import { clock } from "./sound.js";
import { difference, showDifference } from "./words.js";

const PAUSE_MS = 250;
const SHOWN = 200; // lines of a preview; what is beyond is counted

export class ReplaceDialog {
  #timer = 0;
  #asked = 0;
  #found = null; // {base, turns, names}

  /** `replaced(find, by, count)` is told when it was done. */
  constructor(document, sitting, edits, wire, say, { replaced }) {
    Object.assign(this, { document, sitting, edits, wire, say, replaced });
    this.dialog = document.getElementById("dialogue-remplacer");
    this.form = this.dialog.querySelector("form");
    this.list = this.dialog.querySelector("[data-show=matches]");
    this.status = this.dialog.querySelector("[role=status]");
    this.button = this.dialog.querySelector("[data-does=apply]");
    this.form.addEventListener("input", (event) => {
      if (this.list.contains(event.target)) return this.#count();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#preview(), PAUSE_MS);
    });
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  /** Opens with what to look for and what to write instead, either may be empty. */
  open(find, by) {
    const { elements } = this.form;
    elements.find.value = find;
    elements.by.value = by;
    this.#show(null);
    this.dialog.showModal();
    elements.find.select();
    if (find) this.#preview();
  }

  get #wanted() {
    const { find, by, whole, match, names } = this.form.elements;
    return {
      find: find.value.trim(),
      by: by.value.trim(),
      whole_words: whole.checked,
      match_case: match.checked,
      names: names.checked,
    };
  }

  async #preview() {
    clearTimeout(this.#timer);
    const number = ++this.#asked;
    const { names, ...asked } = this.#wanted;
    if (!asked.find) return this.#show(null);
    try {
      const base = this.sitting.revision;
      const found = await this.wire.ask("/replace/preview", asked);
      if (number === this.#asked) this.#show({ base: found.revision ?? base, ...found, names });
    } catch (error) {
      if (number === this.#asked) this.#show(null, error.message);
    }
  }

  #show(found, trouble = "") {
    this.#found = found;
    const lines = found ? [...this.#voices(found), ...found.matches.slice(0, SHOWN).map((match) => this.#match(match))] : [];
    this.list.replaceChildren(...lines);
    this.status.textContent = trouble;
    this.#allow(false);
    if (found) this.#count();
  }

  #voices({ names, speakers }) {
    if (!names) return [];
    return speakers.map(({ before, after }) => this.#line(this.say.text("a_name"), before, after, null));
  }

  #match({ turn, before, after }) {
    const { start } = this.sitting.turns[turn] ?? {};
    const place = this.sitting.session.has_audio ? clock(start) : this.say.text("turn", { n: turn + 1 });
    return this.#line(place, before, after, turn);
  }

  #line(place, before, after, turn) {
    const line = this.document.createElement("li");
    const label = this.document.createElement("label");
    const box = Object.assign(this.document.createElement("input"), { type: "checkbox", checked: true });
    if (turn === null) box.disabled = true;
    else box.value = turn;
    const text = this.document.createElement("span");
    showDifference(text, excerpt(difference(before, after)));
    const clocked = Object.assign(this.document.createElement("span"), { className: "clock", textContent: place });
    label.append(box, clocked, text);
    line.append(label);
    return line;
  }

  get #kept() {
    const left = new Set([...this.list.querySelectorAll("input[value]:not(:checked)")].map(({ value }) => Number(value)));
    return this.#found.matches.map(({ turn }) => turn).filter((turn) => !left.has(turn));
  }

  #count() {
    const turns = this.#kept.length;
    const names = this.#found.names ? this.#found.speakers.length : 0;
    const texts = [this.say.count("matches", turns)];
    if (names) texts.push(this.say.count("names", names));
    if (this.#found.matches.length > SHOWN) texts.push(this.say.text("more", { n: this.#found.matches.length - SHOWN }));
    this.status.textContent = texts.join(" · ");
    this.#allow(turns + names > 0);
  }

  /** Never `disabled`: Enter in a field would then not be heard at all. */
  #allow(can) {
    this.button.setAttribute("aria-disabled", String(!can));
  }

  get #allowed() {
    return this.button.getAttribute("aria-disabled") === "false";
  }

  /** Enter goes on to what to write, then looks, then does: nothing changes that was not on the screen. */
  async #submit(event) {
    event.preventDefault();
    if (event.submitter?.value === "cancel") return this.dialog.close();
    const { find, by } = this.form.elements;
    if (this.document.activeElement === find && !by.value) return by.focus();
    if (this.document.activeElement !== this.button) {
      await this.#preview();
      if (this.#allowed) this.button.focus();
      return undefined;
    }
    if (!this.#allowed) return undefined;
    const wanted = this.#wanted;
    const turns = this.#kept;
    const { base } = this.#found;
    this.dialog.close();
    const done = await this.edits.replace({ ...wanted, turns }, base);
    if (done) this.replaced(wanted.find, wanted.by, turns.length);
    return undefined;
  }
}

/** What changes, and a few words around it. */
function excerpt(pieces, around = 40) {
  return pieces.map(({ kind, text }, n) => {
    if (kind !== "same" || text.length <= 2 * around) return { kind, text };
    const head = n === 0 ? "" : text.slice(0, text.lastIndexOf(" ", around) + 1);
    const tail = n === pieces.length - 1 ? "" : text.slice(text.indexOf(" ", text.length - around));
    return { kind, text: `${head}…${tail}` };
  });
}
