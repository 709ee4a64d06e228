// Moving in the transcript and hearing it: the sound follows the cursor, and the cursor follows the sound.
// Changes nothing. Methods without a # are actions of the table (keys.js), or what actions share.

import { required } from "../page.js";
import { strip } from "./words.js";

/** @import { Transcript, Turn } from "./transcript.js" */
/** @import { Editor } from "./editor.js" */
/** @import { Edits } from "./edits.js" */
/** @import { AlwaysDialog, HistoryPanel } from "./panels.js" */
/** @import { ReplaceDialog } from "./replace.js" */
/** @import { Say } from "./say.js" */
/** @import { Sound } from "./sound.js" */
/** @import { SpeakerDialog } from "./speaker.js" */
/** @import { View } from "./view.js" */
/**
 * What actions work with.
 * @typedef {{
 *   document: Document, transcript: Transcript, view: View, sound: Sound, editor: Editor, edits: Edits, say: Say,
 *   dialogs: {
 *     help: HTMLDialogElement, history: HistoryPanel, speaker: SpeakerDialog, replace: ReplaceDialog,
 *     always: AlwaysDialog,
 *   },
 * }} Parts
 */

const LEAD_MS = 1000; // a doubtful word is heard with what is said just before it

/**
 * Does a sentence begin at a word of a turn?
 * @param {Turn} turn
 * @param {number} word
 */
export function beginsSentence({ words }, word) {
  return word === 0 || /[.?!…][\s»”)]*$/.test(words[word - 1][2]);
}

/**
 * The next place to stop at, round the end and back.
 * @param {Turn[]} turns
 * @param {Turn} from
 * @param {number} word
 * @param {1 | -1} by
 * @param {(turn: Turn) => number[]} stops the words to stop at in a turn, in order
 */
export function nextStop(turns, from, word, by, stops) {
  for (let n = 0; n <= turns.length; n++) {
    const turn = turns[(from.index + by * n + turns.length * 2) % turns.length];
    let places = stops(turn);
    if (n === 0) places = places.filter((at) => (at - word) * by > 0);
    if (n === turns.length) places = places.filter((at) => (at - word) * by <= 0);
    if (places.length) return { turn, word: places[by > 0 ? 0 : places.length - 1] };
  }
  return null;
}

export class Moves {
  moved = true; // has the cursor left the place where the sound stopped?
  #lead = 0;
  /** @type {Turn | null} the turn from which on all was heard without a break */
  run = null;
  entered = 0; // where the sound came into the current turn by itself

  /** @param {Parts} parts */
  constructor({ document, transcript, view, sound, editor, edits, say, dialogs }) {
    this.document = document;
    this.transcript = transcript;
    this.view = view;
    this.sound = sound;
    this.editor = editor;
    this.edits = edits;
    this.say = say;
    this.dialogs = dialogs;
    this.sound.addEventListener("sound:time", () => this.#follow(this.sound.now));
    this.sound.addEventListener("sound:state", () => this.sound.playing || this.view.light(null));
    this.sound.addEventListener("sound:failed", () => this.say.aloud(this.say.text("no_sound")));
  }

  // --- moving ---

  /**
   * Goes to a word; what plays goes there too.
   * @param {Turn | null | undefined} turn undefined and null stay where one is
   * @param {number} word
   * @param {number} lead how much before the word is heard, in ms
   */
  jump(turn, word = 0, lead = 0) {
    if (!turn) return;
    this.view.go(turn, word);
    this.runFrom(turn);
    this.entered = 0;
    this.#lead = lead;
    if (this.sound.playing) this.listen(turn, this.view.word);
    else this.moved = true;
  }

  /**
   * What is heard from a turn on is one run: checking the turn at its end checks all of it.
   * @param {Turn} turn
   */
  runFrom(turn) {
    this.run = turn;
  }

  /**
   * Plays from a word on.
   * @param {Turn} turn
   * @param {number} word
   */
  listen(turn, word) {
    this.moved = false;
    this.runFrom(turn);
    const start = turn.words[word]?.[0] ?? turn.start;
    this.sound.from(Math.min(start, Math.max(turn.start, start - this.#lead)));
    this.#lead = 0;
  }

  /** @param {number} ms */
  #follow(ms) {
    const turn = this.transcript.turnAtMs(ms);
    if (!turn) return;
    const word = turn.wordAtMs(ms);
    this.view.light(turn, this.sound.playing ? word : null);
    if (this.editor.isOpen || this.document.querySelector("dialog[open]")) return;
    const { turn: current } = this.view;
    const seeks = !this.sound.playing;
    if (turn !== current && (seeks || turn.index > current.index)) {
      const within = this.view.article(current).contains(this.document.activeElement);
      if (seeks) this.runFrom(turn);
      this.entered = turn.start;
      this.view.go(turn, word, { focus: within });
    } else if (turn === current && word !== this.view.word) {
      this.view.word = word;
      this.view.point();
    }
  }

  /**
   * The next or the previous turn that has words and is shown.
   * @param {1 | -1} by
   */
  step(by) {
    const { turns } = this.transcript;
    let at = this.view.turn.index + by;
    while (turns[at] && !(turns[at].words.length && this.view.isShown(turns[at]))) at += by;
    return turns[at] ?? null;
  }

  /**
   * @param {1 | -1} by
   * @param {(turn: Turn) => number[]} stops
   */
  #stop(by, stops) {
    return nextStop(this.transcript.turns, this.view.turn, this.view.word, by, stops);
  }

  /** @param {1 | -1} by */
  #doubt(by) {
    const stop = this.#stop(by, (turn) => this.transcript.stops(turn));
    if (!stop) return this.say.aloud(this.say.text("no_doubt"));
    const { turn, word } = stop;
    this.jump(turn, word, LEAD_MS);
    const text = strip(turn.words[word]?.[2] ?? "");
    const reasons = this.transcript
      .reasons(turn)
      .filter(({ start_ms: start }) => turn.wordAtMs(Math.max(turn.start, start)) === word)
      .map(({ reason }) => reason);
    return this.say.aloud([this.say.text("doubt", { word: text }), ...reasons].join(" · "));
  }

  /** @param {1 | -1} by */
  #unnamed(by) {
    const { turn: current } = this.view;
    const stop = this.#stop(by, (turn) => (turn !== current && turn.words.length && this.transcript.unnamed(turn) ? [0] : []));
    if (stop) this.jump(stop.turn);
    else this.say.aloud(this.say.text(this.transcript.unnamed(current) ? "only_unnamed" : "no_unnamed"));
  }

  next_turn() { this.jump(this.step(1)); }
  previous_turn() { this.jump(this.step(-1)); }
  next_word() { this.#word(1); }
  previous_word() { this.#word(-1); }
  next_sentence() { this.#sentence(1); }
  previous_sentence() { this.#sentence(-1); }
  next_doubt() { this.#doubt(1); }
  previous_doubt() { this.#doubt(-1); }
  next_unnamed() { this.#unnamed(1); }
  previous_unnamed() { this.#unnamed(-1); }
  first_turn() { this.jump(this.transcript.turns.find((turn) => this.view.isShown(turn))); }
  last_turn() { this.jump(this.transcript.turns.findLast((turn) => this.view.isShown(turn))); }
  back() { return this.editor.isOpen ? this.editor.focus() : this.view.go(this.view.turn, this.view.word); }

  /** @param {1 | -1} by */
  #word(by) {
    const { turn: current, word } = this.view;
    if (word + by >= 0 && word + by < current.words.length) return this.jump(current, word + by);
    const turn = this.step(by);
    return turn && this.jump(turn, by > 0 ? 0 : turn.words.length - 1);
  }

  /**
   * Where the next or the previous sentence begins; past the turn's end, the next turn.
   * @param {1 | -1} by
   */
  #sentence(by) {
    const { turn: current, word } = this.view;
    let at = word + by;
    while (at >= 0 && at < current.words.length && !beginsSentence(current, at)) at += by;
    if (at >= 0 && at < current.words.length) this.jump(current, at);
    else this.jump(this.step(by));
  }

  filter() {
    const only = this.view.narrow();
    required(this.document, "[data-action=filter]").setAttribute("aria-pressed", String(only));
    this.view.go(this.view.turn, this.view.word);
    this.say.aloud(this.say.text(only ? "narrowed" : "all_shown"));
  }

  // --- listening ---

  play() {
    if (!this.sound.exists) return this.say.aloud(this.say.text("silent"));
    if (this.sound.playing) return this.sound.pause();
    if (this.moved && !this.editor.isOpen) return this.listen(this.view.turn, this.view.word);
    return this.sound.resume();
  }

  /** This turn alone, from its start to its end. */
  replay() {
    const turn = this.view.turn;
    this.moved = false;
    this.runFrom(turn);
    this.sound.from(turn.start, turn.end);
  }

  faster() { this.#speed(1); }
  slower() { this.#speed(-1); }

  /** @param {1 | -1} by */
  #speed(by) {
    const speed = this.sound.step(by);
    if (speed) this.say.aloud(this.say.text("speed", { speed }));
  }
}
