// What is being written and not yet saved, kept in this browser from the first keystroke: it survives a
// reload, a crash, a dead line. Forgotten as soon as the server has it.

export class Drafts {
  #prefix;

  constructor(session) {
    this.#prefix = `verbatim.brouillon.${session}.`;
  }

  /** A draft's name: one for each time that a turn's text is opened. */
  name() {
    return `${this.#prefix}${Date.now()}.${Math.floor(Math.random() * 1e6)}`;
  }

  /** Keeps a text. A browser that keeps nothing (private windows, full disks) still lets one write. */
  keep(name, draft) {
    try {
      localStorage.setItem(name, JSON.stringify(draft));
    } catch {
      return false;
    }
    return true;
  }

  forget(name) {
    localStorage.removeItem(name);
  }

  /** What was left behind: [{name, start, end, before, text}, ...], oldest first. */
  left() {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(this.#prefix));
    return names.sort().map((name) => ({ name, ...JSON.parse(localStorage.getItem(name)) }));
  }
}
