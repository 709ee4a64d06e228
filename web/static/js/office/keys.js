// From keys to actions. The table is the page's help: what is not told there does nothing.
// While an action waits for the server, keys are held and then take effect in order: none is lost.

const HELD_MS = 3000; // a server that takes longer must not keep the keyboard

export class Keys {
  #table = new Map();
  #where;
  #perform;
  #type;
  #held = null;

  /** `where` gives the mode, `perform` does an action (a promise holds the keys), `type` writes a held key. */
  constructor(document, { where, perform, type }) {
    Object.assign(this, { document });
    this.#where = where;
    this.#perform = perform;
    this.#type = type;
    for (const { dataset } of document.querySelectorAll("[data-keys]")) {
      for (const keys of dataset.keys.split(" ")) this.#table.set(`${dataset.mode} ${keys}`, dataset.does);
    }
    document.addEventListener("keydown", (event) => this.#down(event));
  }

  get actions() {
    return new Set(this.#table.values());
  }

  #down(event) {
    if (event.isComposing || event.defaultPrevented || event.getModifierState("AltGraph")) return;
    const mode = this.#where(event.target);
    if (this.#held && mode !== "dialog") {
      event.preventDefault();
      this.#held.push({ chord: chordOf(event), key: event.key, plain: !event.ctrlKey && !event.altKey && !event.metaKey });
      return;
    }
    const action = this.#find(mode, chordOf(event));
    if (!action) return;
    event.preventDefault();
    this.do(action);
  }

  #find(mode, chord) {
    const anywhere = mode === "speaker" || mode === "dialog" ? null : this.#table.get(`anywhere ${chord}`);
    return this.#table.get(`${mode} ${chord}`) ?? anywhere;
  }

  /** Does an action, and what was pressed meanwhile. */
  async do(action) {
    const work = this.#perform(action);
    if (!(work instanceof Promise)) return;
    if (this.#held) return void (await work); // asked for by what is held: that goes on by itself
    this.#held = [];
    const patience = new Promise((resolve) => setTimeout(resolve, HELD_MS));
    await Promise.race([work, patience]);
    await this.#release();
  }

  async #release() {
    while (this.#held.length) {
      const { chord, key, plain } = this.#held.shift();
      const mode = this.#where(this.document.activeElement);
      const action = this.#find(mode, chord);
      if (action) await this.#perform(action);
      else if (plain) this.#type(key);
    }
    this.#held = null;
  }
}

/** A key as the table writes it: Ctrl+Shift+Z, Shift+D, ?, Space. */
function chordOf(event) {
  const named = event.key.length > 1 || event.key === " ";
  const letter = !named && event.key.toLowerCase() !== event.key.toUpperCase();
  const key = event.key === " " ? "Space" : letter ? event.key.toUpperCase() : event.key;
  const shift = event.shiftKey && (named || letter) ? "Shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift}${key}`;
}
