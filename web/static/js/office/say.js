// The page's sentences, from its catalogue, and where they are shown: aloud, on the state line, as a hint.

import { filled, required } from "../page.js";

/** @import { WireState } from "./wire.js" */
/** @import { Values } from "../page.js" */

export class Say {
  #texts;
  #aloud;
  #state;
  #hint;

  /** @param {Document} document */
  constructor(document) {
    /** @type {Record<string, string>} */
    this.#texts = JSON.parse(required(document, "#textes").textContent ?? "");
    this.#aloud = required(document, "#annonce");
    this.#state = required(document, "#etat");
    this.#hint = required(document, "#conseil");
  }

  /**
   * The text of a key, with the values that it names.
   * @param {string} key
   * @param {Values} values
   */
  text(key, values = {}) {
    if (!(key in this.#texts)) throw new Error(`No text review.say.${key}`);
    return filled(this.#texts[key], values);
  }

  /**
   * The text for a number: French counts 0 and 1 as one.
   * @param {string} key
   * @param {number} n
   * @param {Values} values
   */
  count(key, n, values = {}) {
    return this.text(`${key}.${n < 2 ? "one" : "other"}`, { n, ...values });
  }

  /**
   * Spoken by a screen reader; shown on the line of hints too.
   * @param {string} text
   */
  aloud(text) {
    this.#aloud.textContent = text;
    this.#hint.textContent = text;
  }

  /**
   * Where the clerk's work is: saved, on its way, waiting. Read aloud only when it goes wrong.
   * @param {WireState} name
   * @param {number} waiting how many changes wait
   */
  state(name, waiting) {
    const before = this.#state.dataset.state ?? "";
    if (name === "saved" && !["saving", "offline", "signed-out"].includes(before)) return;
    this.#state.dataset.state = name;
    this.#state.textContent = name === "offline" ? this.count("offline", waiting) : this.text(name);
    if (name === "offline" || name === "signed-out") {
      if (before !== name) this.#aloud.textContent = this.#state.textContent;
    }
  }

  /** @param {string} text */
  hint(text) {
    this.#hint.textContent = text;
  }
}
