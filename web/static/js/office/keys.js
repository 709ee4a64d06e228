// From keys to actions. The table is the page's help: a key that is not listed there does nothing.
// While an action waits for the server, keys are held and then take effect in order: none is lost.

import { all } from "../page.js";

const HELD_MS = 3000; // a server that takes longer must not keep the keyboard

/** @typedef {"reading" | "editing" | "speaker" | "dialog" | "elsewhere"} Mode */
/** @typedef {{ mode?: string, keys?: string, does?: string }} Row a row of the table */
/** @typedef {{ chord: string, key: string, plain: boolean }} Press */
/** @typedef {Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "altKey" | "metaKey">} Key */

/** Which action a chord stands for, by mode. */
export class KeyTable {
  #actions = /** @type {Map<string, string>} */ (new Map());

  /** @param {Iterable<Row>} rows */
  constructor(rows) {
    for (const { mode, keys = "", does = "" } of rows) {
      for (const chord of keys.split(" ")) this.#actions.set(`${mode} ${chord}`, does);
    }
  }

  /**
   * The action of a chord, or undefined. Dialogs have their own keys alone.
   * @param {Mode} mode
   * @param {string} chord
   */
  action(mode, chord) {
    const anywhere = mode === "speaker" || mode === "dialog" ? undefined : this.#actions.get(`anywhere ${chord}`);
    return this.#actions.get(`${mode} ${chord}`) ?? anywhere;
  }
}

export class Keys {
  #document;
  #table;
  #where;
  #perform;
  #type;
  #held = /** @type {Press[] | null} */ (null);

  /**
   * @param {Document} document
   * @param {object} page
   * @param {(target: Element) => Mode} page.where the mode that the keyboard is in
   * @param {(action: string) => unknown} page.perform does an action; a promise holds the keys
   * @param {(key: string) => void} page.type writes a held key
   */
  constructor(document, { where, perform, type }) {
    this.#document = document;
    this.#where = where;
    this.#perform = perform;
    this.#type = type;
    this.#table = new KeyTable(all(document, "[data-keys]").map(({ dataset }) => dataset));
    document.addEventListener("keydown", (event) => this.#down(event));
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    if (event.isComposing || event.defaultPrevented || event.getModifierState("AltGraph")) return;
    const mode = this.#where(event.target instanceof Element ? event.target : this.#document.body);
    if (this.#held && mode !== "dialog") {
      event.preventDefault();
      this.#held.push({ chord: chordOf(event), key: event.key, plain: !event.ctrlKey && !event.altKey && !event.metaKey });
      return;
    }
    const action = this.#table.action(mode, chordOf(event));
    if (!action) return;
    event.preventDefault();
    this.do(action);
  }

  /**
   * Does an action, and what was pressed meanwhile.
   * @param {string} action
   */
  async do(action) {
    const work = this.#perform(action);
    if (!(work instanceof Promise)) return;
    if (this.#held) return void (await work); // asked for by what is held: that goes on by itself
    this.#held = [];
    const patience = new Promise((resolve) => setTimeout(resolve, HELD_MS));
    try {
      await Promise.race([work, patience]);
    } finally {
      await this.#release(this.#held); // an action that fails must not keep the keyboard either
    }
  }

  /** @param {Press[]} held */
  async #release(held) {
    try {
      for (let press = held.shift(); press; press = held.shift()) {
        const mode = this.#where(this.#document.activeElement ?? this.#document.body);
        const action = this.#table.action(mode, press.chord);
        if (action) await this.#perform(action);
        else if (press.plain) this.#type(press.key);
      }
    } finally {
      this.#held = null;
    }
  }
}

/**
 * A key as the table writes it: Ctrl+Shift+Z, Shift+D, ?, Space.
 * @param {Key} event
 */
export function chordOf(event) {
  const named = event.key.length > 1 || event.key === " ";
  const letter = !named && event.key.toLowerCase() !== event.key.toUpperCase();
  const key = event.key === " " ? "Space" : letter ? event.key.toUpperCase() : event.key;
  const shift = event.shiftKey && (named || letter) ? "Shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift}${key}`;
}
