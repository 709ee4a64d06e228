// What the clerk does to the sitting: sent to the server in order, and what comes of it taken in.
// Knows what each edit is called there (the editor's contract). Asks nobody, shows nothing but turns.

import { Refusal } from "./wire.js";

const POLL_MS = 4000;

export class Edits {
  /**
   * `told` has `after(found, others)`, `conflict(anchor, text)` and `refused(refusal)`; `others` are the turns
   * that somebody else altered.
   */
  constructor(sitting, wire, view, told) {
    Object.assign(this, { sitting, wire, view, told });
    setInterval(() => this.#poll(), POLL_MS);
    document.addEventListener("visibilitychange", () => this.#poll());
  }

  #poll() {
    if (document.hidden || !this.wire.idle) return;
    let since;
    const path = () => `/changes?since=${(since = this.sitting.revision)}`;
    this.wire.send(path, null, (delta) => this.#take(delta, since), { changes: false }).catch(() => {});
  }

  /**
   * Takes a delta in that was made for somebody who stood at `base`. `own` is the turn of the clerk's own
   * edit; `alone` is false where that edit alters others as well: then nothing is known of other clerks.
   */
  async #take(delta, base, own = null, alone = true) {
    while (base !== this.sitting.revision) {
      base = this.sitting.revision;
      delta = await this.wire.ask(`/changes?since=${base}`);
    }
    const found = this.sitting.apply(delta, own);
    this.view.arrange(new Set([...found.altered, ...found.retimed]));
    this.view.refresh();
    this.told.after(found, alone ? [...found.altered].filter((turn) => turn !== own) : []);
    return found;
  }

  #send(path, make, { own = null, alone = false, before = () => {}, lost = null } = {}) {
    let base;
    const body = () => {
      const made = make();
      base = made.base;
      return made;
    };
    const done = (delta) => {
      before();
      return this.#take(delta, base, own, alone);
    };
    const refused = ({ delta: now }) => now && this.#take(now, base, null, !now.own.length);
    return this.wire.send(path, body, done, { lost, refused });
  }

  /** Did an edit of that kind get through, though its answer did not? What others did does not tell. */
  #lost(kind, own = null) {
    return async () => {
      const base = this.sitting.revision;
      const delta = await this.wire.ask(`/changes?since=${base}`);
      const done = delta.own.includes(kind);
      await this.#take(delta, base, done ? own : null, !done);
      return done;
    };
  }

  /** Saves a turn's text, made upon what `anchor` knows. Resolves to "saved", "conflict" or "refused". */
  async text(anchor, text) {
    const { turn } = anchor;
    turn.pending = text;
    const settle = () => {
      if (turn.pending === text) turn.pending = null;
    };
    const make = () => ({ base: anchor.base, edit: { kind: "text", turn: anchor.index, text } });
    try {
      await this.#send("/changes", make, { own: turn, alone: true, before: settle });
      return "saved";
    } catch (refusal) {
      settle();
      turn.restore();
      if (!turn.gone) this.view.draw(turn);
      if (!(refusal instanceof Refusal)) throw refusal;
      if (refusal.status !== 409) return this.told.refused(refusal), "refused";
      if (turn.says(text)) return this.sitting.renew(turn), "saved"; // sent again: its answer was lost
      this.told.conflict(anchor, text);
      return "conflict";
    }
  }

  /** An edit of a turn that is shown once the server has made it. Null if it was refused. */
  async shape(turn, kind, values = {}) {
    const anchor = this.sitting.anchor(turn);
    const make = () => ({ base: anchor.base, edit: { kind, turn: anchor.index, ...values } });
    const found = await this.#told(this.#send("/changes", make, { own: turn, lost: this.#lost(kind, turn) }));
    anchor.release();
    return found;
  }

  split(turn, word) {
    return this.shape(turn, "split", { word });
  }

  join(turn) {
    return this.shape(turn, "merge");
  }

  give(turn, word, into) {
    return this.shape(turn, "boundary", { word, into });
  }

  speaker(turn, person, everywhere) {
    return this.shape(turn, "speaker", { person, everywhere });
  }

  /** Replaces in the turns given, none of which anybody may have changed since they were shown. */
  replace(edit, base) {
    const made = { base, edit: { kind: "replace", ...edit } };
    return this.#told(this.#send("/changes", () => made, { lost: this.#lost("replace") }));
  }

  /** Marks turns as checked by somebody, or not; shown at once. */
  async check(turns, checked) {
    const anchors = turns.map((turn) => this.sitting.anchor(turn));
    turns.forEach((turn) => (turn.wanted = checked));
    turns.forEach((turn) => this.view.draw(turn));
    const settle = () => turns.filter((turn) => turn.wanted === checked).forEach((turn) => (turn.wanted = null));
    const base = () => Math.min(...anchors.map((anchor) => anchor.base));
    const edit = () => ({ kind: "check", turns: anchors.map(({ index }) => index), checked });
    await this.#told(this.#send("/changes", () => ({ base: base(), edit: edit() }), { alone: true, before: settle }));
    anchors.forEach((anchor) => anchor.release());
    settle();
    turns.filter((turn) => !turn.gone).forEach((turn) => this.view.draw(turn));
  }

  undo() {
    return this.#told(this.#send("/undo", () => ({ base: this.sitting.revision }), { lost: this.#lost("undo") }));
  }

  redo() {
    return this.#told(this.#send("/redo", () => ({ base: this.sitting.revision }), { lost: this.#lost("redo") }));
  }

  async #told(sent) {
    try {
      return (await sent) ?? {};
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.told.refused(refusal);
      return null;
    }
  }
}
