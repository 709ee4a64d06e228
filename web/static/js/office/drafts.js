// What is being written and not yet saved, kept in this browser from the first keystroke: it survives a
// reload, a crash, a dead line. Forgotten as soon as the server has it.
// A browser may keep nothing (private windows, blocked site data, full disks): the review goes on without drafts.

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
   * Keeps a text. Returns whether the browser did.
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
    storage()?.removeItem(name);
  }

  /**
   * What was left behind, oldest first.
   * @returns {NamedDraft[]}
   */
  left() {
    const kept = storage();
    if (!kept) return [];
    const names = Object.keys(kept).filter((name) => name.startsWith(this.#prefix));
    return names.toSorted().flatMap((name) => {
      const draft = read(kept.getItem(name));
      return draft ? [{ name, ...draft }] : [];
    });
  }
}

/** What the browser keeps for this site; null where it keeps nothing: then merely asking throws. */
function storage() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

/**
 * A draft as it was kept; null for what cannot be read: the other drafts must still be offered.
 * @param {string | null} text
 * @returns {Draft | null}
 */
function read(text) {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
