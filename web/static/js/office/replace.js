// Find and replace, over text and names: everything that would change is shown first, and can be left out.

import { clock } from "./sound.js";
import { difference, showDifference } from "./words.js";

const PAUSE_MS = 250;
const SHOWN = 200; // lines of a preview; what is beyond is counted

export class ReplaceDialog {
  #timer = 0;
  #asked = 0;
  #found = null; // what the server found: {revision, matches, speakers}

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
    const { find, by, whole, match } = this.form.elements;
    return { find: find.value.trim(), by: by.value.trim(), whole_words: whole.checked, match_case: match.checked };
  }

  /** Looks once what was written before is through: it must not be found as it was. */
  async #preview() {
    clearTimeout(this.#timer);
    const number = ++this.#asked;
    const asked = this.#wanted;
    const names = this.form.elements.names.checked;
    if (!asked.find) return this.#show(null);
    try {
      const found = await this.wire.send("/replace/preview", () => asked, (answer) => answer, { changes: false });
      if (number === this.#asked) this.#show(found && { ...found, speakers: names ? found.speakers : [] });
    } catch (error) {
      if (number === this.#asked) this.#show(null, error.message);
    }
  }

  #show(found, trouble = "") {
    this.#found = found;
    const matches = found?.matches.slice(0, SHOWN) ?? [];
    const voices = found?.speakers ?? [];
    this.list.replaceChildren(...voices.map((voice) => this.#voice(voice)), ...matches.map((match) => this.#match(match)));
    this.status.textContent = trouble;
    this.#allow(false);
    if (found) this.#count();
  }

  #voice({ label, before, after }) {
    return this.#line(this.say.text("a_name"), before, after, { name: "voice", value: label });
  }

  #match({ turn, start_ms: start, before, after }) {
    const place = this.sitting.session.has_audio ? clock(start) : this.say.text("turn", { n: turn + 1 });
    return this.#line(place, before, after, { name: "turn", value: turn });
  }

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

  /** What was found less what is left out; lines that are not shown cannot be. */
  get #kept() {
    const out = new Set([...this.list.querySelectorAll("input:not(:checked)")].map(({ name, value }) => `${name} ${value}`));
    const { matches, speakers } = this.#found;
    return {
      turns: matches.map(({ turn }) => turn).filter((turn) => !out.has(`turn ${turn}`)),
      names: speakers.map(({ label }) => label).filter((label) => !out.has(`voice ${label}`)),
    };
  }

  #count() {
    const { turns, names } = this.#kept;
    const texts = [this.say.count("matches", turns.length)];
    if (this.#found.speakers.length) texts.push(this.say.count("names", names.length));
    if (this.#found.matches.length > SHOWN) texts.push(this.say.text("more", { n: this.#found.matches.length - SHOWN }));
    this.status.textContent = texts.join(" · ");
    this.#allow(turns.length + names.length > 0);
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
    const kept = this.#kept;
    const { revision } = this.#found;
    this.dialog.close();
    const done = await this.edits.replace({ ...wanted, ...kept }, revision);
    if (done) this.replaced(wanted.find, wanted.by, kept.turns.length);
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
