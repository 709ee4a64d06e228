// What the clerk does to the transcript: sent to the server in order, and what comes of it taken in.
// Knows what each edit is called there (the editor's contract). Opens no dialog, shows nothing but turns.

import { Refusal } from "./wire.js";

/** @import { Anchor, Changed, Delta, Transcript, Turn } from "./transcript.js" */
/** @import { Wire } from "./wire.js" */
/** @import { View } from "./view.js" */
/**
 * Who hears what comes of an edit.
 * @typedef {object} Listener
 * @property {(others: Turn[]) => void} after a delta was taken in; `others` are turns that somebody else altered
 * @property {(anchor: Anchor, text: string) => void} conflict
 * @property {(refusal: Refusal) => void} refused
 */

const POLL_MS = 4000; // how soon another clerk's change is seen

export class Edits {
  /**
   * @param {Transcript} transcript
   * @param {Wire} wire
   * @param {View} view
   * @param {Listener} listener
   */
  constructor(transcript, wire, view, listener) {
    this.transcript = transcript;
    this.wire = wire;
    this.view = view;
    this.listener = listener;
    setInterval(() => this.#poll(), POLL_MS);
    document.addEventListener("visibilitychange", () => this.#poll());
  }

  #poll() {
    if (document.hidden || !this.wire.idle) return;
    let since = 0;
    const path = () => `/changes?since=${(since = this.transcript.revision)}`;
    this.wire.send(path, null, (delta) => this.#take(delta, since), { changes: false }).catch(() => {});
  }

  /**
   * Takes a delta in.
   * @param {Delta} delta
   * @param {number} base the revision from which on it tells
   * @param {Turn | null} own the turn of the clerk's own edit
   * @param {boolean} alone false where that edit alters others as well: then nothing is known of other clerks
   */
  async #take(delta, base, own = null, alone = true) {
    while (base !== this.transcript.revision) {
      base = this.transcript.revision;
      delta = await this.wire.ask(`/changes?since=${base}`);
    }
    const changed = this.transcript.apply(delta, own);
    this.view.arrange(new Set([...changed.altered, ...changed.retimed]));
    this.view.refresh();
    this.listener.after(alone ? [...changed.altered].filter((turn) => turn !== own) : []);
    return changed;
  }

  /**
   * @param {string} path
   * @param {() => { base: number, edit?: object }} make
   * @param {object} [options]
   * @param {Turn | null} [options.own]
   * @param {boolean} [options.alone]
   * @param {() => void} [options.before] done as soon as the server has answered, before the delta is taken in
   * @param {(() => Promise<boolean>) | null} [options.lost]
   */
  #send(path, make, { own = null, alone = false, before = () => {}, lost = null } = {}) {
    let base = 0;
    const body = () => {
      const request = make();
      base = request.base;
      return request;
    };
    /** @param {Delta} delta */
    const done = (delta) => {
      before();
      return this.#take(delta, base, own, alone);
    };
    /** @param {{ delta?: Delta }} problem */
    const refused = ({ delta: now }) => now && this.#take(now, base, null, !now.own.length);
    return this.wire.send(path, body, done, { lost, refused });
  }

  /**
   * Did an edit of that kind get through, though its answer did not? What others did does not tell.
   * @param {string} kind
   * @param {Turn | null} own
   */
  #lost(kind, own = null) {
    return async () => {
      const base = this.transcript.revision;
      const delta = await this.wire.ask(`/changes?since=${base}`);
      const done = delta.own.includes(kind);
      await this.#take(delta, base, done ? own : null, !done);
      return done;
    };
  }

  /**
   * Saves a turn's text, made upon what `anchor` knows.
   * @param {Anchor} anchor
   * @param {string} text
   * @returns {Promise<"saved" | "conflict" | "refused">}
   */
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
      if (refusal.status !== 409) return this.listener.refused(refusal), "refused";
      if (turn.says(text)) return this.transcript.renew(turn), "saved"; // sent again: its answer was lost
      this.listener.conflict(anchor, text);
      return "conflict";
    }
  }

  /**
   * An edit of a turn that is shown once the server has made it. Null if it was refused.
   * @param {Turn} turn
   * @param {"accept" | "split" | "merge" | "boundary" | "speaker"} kind
   * @param {object} values
   */
  async shape(turn, kind, values = {}) {
    const anchor = this.transcript.anchor(turn);
    const make = () => ({ base: anchor.base, edit: { kind, turn: anchor.index, ...values } });
    const changed = await this.#outcome(this.#send("/changes", make, { own: turn, lost: this.#lost(kind, turn) }));
    anchor.release();
    return changed;
  }

  /**
   * Words that were heard and are right.
   * @param {Turn} turn
   * @param {number} first
   * @param {number} last included
   */
  accept(turn, first, last) {
    return this.shape(turn, "accept", { first, last });
  }

  /**
   * @param {Turn} turn
   * @param {number} word the first of the new turn
   */
  split(turn, word) {
    return this.shape(turn, "split", { word });
  }

  /** @param {Turn} turn joined with the one after it */
  join(turn) {
    return this.shape(turn, "merge");
  }

  /**
   * @param {Turn} turn
   * @param {number} word the boundary: the next turn gets it and what follows, or the previous one what is before it
   * @param {"next" | "previous"} into
   */
  give(turn, word, into) {
    return this.shape(turn, "boundary", { word, into });
  }

  /**
   * @param {Turn} turn
   * @param {string | null} person null takes the name away
   * @param {boolean} everywhere wherever the voice is heard, not in this turn alone
   */
  speaker(turn, person, everywhere) {
    return this.shape(turn, "speaker", { person, everywhere });
  }

  /**
   * Replaces in the turns given; refused where one of them was changed since they were shown.
   * @param {object} edit
   * @param {number} base
   */
  replace(edit, base) {
    const request = { base, edit: { kind: "replace", ...edit } };
    return this.#outcome(this.#send("/changes", () => request, { lost: this.#lost("replace") }));
  }

  /**
   * Marks turns as checked, or not; shown at once.
   * @param {Turn[]} turns
   * @param {boolean} checked
   */
  async check(turns, checked) {
    const anchors = turns.map((turn) => this.transcript.anchor(turn));
    turns.forEach((turn) => (turn.wanted = checked));
    turns.forEach((turn) => this.view.draw(turn));
    const settle = () => turns.filter((turn) => turn.wanted === checked).forEach((turn) => (turn.wanted = null));
    const base = () => Math.min(...anchors.map((anchor) => anchor.base));
    const edit = () => ({ kind: "check", turns: anchors.map(({ index }) => index), checked });
    await this.#outcome(this.#send("/changes", () => ({ base: base(), edit: edit() }), { alone: true, before: settle }));
    anchors.forEach((anchor) => anchor.release());
    settle();
    turns.filter((turn) => !turn.gone).forEach((turn) => this.view.draw(turn));
  }

  undo() {
    return this.#outcome(this.#send("/undo", () => ({ base: this.transcript.revision }), { lost: this.#lost("undo") }));
  }

  redo() {
    return this.#outcome(this.#send("/redo", () => ({ base: this.transcript.revision }), { lost: this.#lost("redo") }));
  }

  /**
   * What an edit changed: nothing known where its answer was lost, null where it was refused.
   * @param {Promise<Changed | null>} sent
   * @returns {Promise<Partial<Changed> | null>}
   */
  async #outcome(sent) {
    try {
      return (await sent) ?? {};
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.listener.refused(refusal);
      return null;
    }
  }
}
