// The page's sentences, from its catalogue, and where they are told: aloud, on the state line, as a hint.

export class Say {
  #texts;
  #aloud;
  #state;
  #hint;

  constructor(document) {
    this.#texts = JSON.parse(document.getElementById("textes").textContent);
    this.#aloud = document.getElementById("annonce");
    this.#state = document.getElementById("etat");
    this.#hint = document.getElementById("conseil");
  }

  /** The text of a key, with the values that it names. */
  text(key, values = {}) {
    if (!(key in this.#texts)) throw new Error(`No text review.say.${key}`);
    return this.#texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** The text for a number: French counts 0 and 1 as one. */
  count(key, n, values = {}) {
    return this.text(`${key}.${n < 2 ? "one" : "many"}`, { n, ...values });
  }

  /** Told to whoever listens to the page; shown on the line of hints too. */
  aloud(text) {
    this.#aloud.textContent = text;
    this.#hint.textContent = text;
  }

  /** Where the clerk's work is: saved, on its way, waiting. Read aloud only when it goes wrong. */
  state(name, waiting) {
    const before = this.#state.dataset.state;
    if (name === "saved" && before !== "saving" && before !== "offline" && before !== "signed-out") return;
    this.#state.dataset.state = name;
    this.#state.textContent = name === "offline" ? this.count("offline", waiting) : this.text(name);
    if (name === "offline" || name === "signed-out") {
      if (before !== name) this.#aloud.textContent = this.#state.textContent;
    }
  }

  hint(text) {
    this.#hint.textContent = text;
  }
}
