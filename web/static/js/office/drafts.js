// What is being written and not yet saved, kept in this browser from the first keystroke: it survives a
// reload, a crash, a dead line. Forgotten as soon as the server has it.

/** @typedef {{ start: number, end: number, before: string, text: string }} Draft */
/** @typedef {Draft & { name: string }} NamedDraft */

export class Drafts {
  #prefix;

  /** @param {string} session */
  constructor(session) {
    this.#prefix = `verbatim.brouillon.${session}.`;
  }

  /** A draft's name: one for each time that a turn's text is opened. */
  name() {
    return `${this.#prefix}${Date.now()}.${Math.floor(Math.random() * 1e6)}`;
  }

  /**
   * Keeps a text. A browser that keeps nothing (private windows, full disks) still lets one write.
   * @param {string} name
   * @param {Draft} draft
   */
  keep(name, draft) {
    try {
      localStorage.setItem(name, JSON.stringify(draft));
    } catch {
      return false;
    }
    return true;
  }

  /** @param {string} name */
  forget(name) {
    localStorage.removeItem(name);
  }

  /**
   * What was left behind, oldest first.
   * @returns {NamedDraft[]}
   */
  left() {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(this.#prefix));
    return names.toSorted().map((name) => ({ name, ...JSON.parse(localStorage.getItem(name) ?? "{}") }));
  }
}
