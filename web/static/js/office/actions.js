// What each action of the table does to the transcript (keys.js calls them by name, buttons too).
// An action that must wait for the server returns its promise: keys are held until then.

import { Moves } from "./moves.js";
import { correction, strip } from "./words.js";

/** @import { Changed, Turn } from "./transcript.js" */

const JUST_MS = 1500; // a turn that the sound has only just come to is not meant by "this was right"
const STEPS = 3; // how long a correction may be made a rule: so many turns later it is forgotten

export class Actions extends Moves {
  #resumes = false; // did the sound play when writing began?
  /** @type {{ gone: string, fresh: string, steps: number } | null} the last correction of a word or a few */
  #last = null;

  /**
   * @param {Turn | null | undefined} turn
   * @param {number} word
   * @param {number} lead
   */
  jump(turn, word = 0, lead = 0) {
    if (turn && turn !== this.view.current && this.#last && ++this.#last.steps > STEPS) this.#last = null;
    if (!this.#last) this.say.hint("");
    super.jump(turn, word, lead);
  }

  // --- writing ---

  edit() {
    const { turn: current, word } = this.view;
    if (this.editor.turn === current) return;
    this.#resumes = this.sound.playing;
    if (this.sound.playing && this.transcript.turnAtMs(this.sound.now) !== current) this.moved = true;
    this.sound.pause();
    this.editor.open(current, word);
  }

  /** Takes a word out, without opening the text. */
  remove() {
    const { turn: current, word } = this.view;
    if (current.words.length < 2) return this.say.aloud(this.say.text("only_word"));
    const gone = current.words[word][2];
    const anchor = this.transcript.anchor(current);
    const text = current.words.filter((_, at) => at !== word).map(([, , one]) => one).join(" ");
    current.retype(text);
    this.view.draw(current);
    this.view.go(current, word);
    this.say.aloud(this.say.text("removed", { word: gone }));
    this.edits.text(anchor, text).finally(() => anchor.release());
    return undefined;
  }

  leave() {
    const place = this.editor.leave();
    if (place?.emptied) this.say.aloud(this.say.text("emptied", { text: excerptOf(place.emptied) }));
    if (place?.turn) this.view.go(place.turn, place.word);
    if (this.#resumes && !this.sound.playing) this.sound.resume();
    this.#resumes = false;
  }

  leave_and_check() {
    const plays = this.#resumes || this.sound.playing;
    this.#resumes = false;
    this.leave();
    this.#pass([this.view.turn], plays);
  }

  /**
   * A text was left that differs: one that was corrected in one place may become a rule.
   * @param {string} before
   * @param {string} text
   */
  corrected(before, text) {
    const pair = correction(before, text);
    if (!pair) return void (this.#last = null);
    this.#last = { ...pair, steps: 0 };
    const others = this.transcript.turns.reduce((sum, turn) => sum + occurrences(turn.text, pair.gone), 0);
    const hints = [this.say.text("made", pair), this.say.text("make_rule")];
    if (others) hints.push(this.say.count("make_everywhere", others));
    return this.say.hint(hints.join(" · "));
  }

  always() {
    this.sound.pause();
    const { turn: current, word } = this.view;
    const here = strip(current.words[word]?.[2] ?? "");
    this.dialogs.always.open(this.#last?.fresh ?? here, this.#last?.gone ?? current.words[word]?.[4] ?? "");
  }

  replace() {
    this.leave();
    this.sound.pause();
    const { turn: current, word } = this.view;
    this.dialogs.replace.open(this.#last?.gone ?? strip(current.words[word]?.[2] ?? ""), this.#last?.fresh ?? "");
  }

  /**
   * Everything was replaced: the pair may become a rule as well.
   * @param {string} gone
   * @param {string} fresh
   * @param {number} count
   */
  replaced(gone, fresh, count) {
    this.#last = fresh ? { gone, fresh, steps: 0 } : null;
    const done = this.say.count("replaced", count);
    this.say.aloud(fresh ? `${done} · ${this.say.text("make_rule")}` : done);
  }

  // --- shaping ---

  speaker() {
    this.leave();
    this.dialogs.speaker.open(this.view.turn);
  }

  speaker_here() { return this.dialogs.speaker.apply(false); }
  speaker_everywhere() { return this.dialogs.speaker.apply(true); }
  speaker_listen() { this.dialogs.speaker.listen(); }

  split() {
    const { turn: current, word } = this.view;
    if (word === 0) return this.say.aloud(this.say.text("split_first"));
    return this.#shaped(this.edits.split(current, word), () => [this.transcript.turns[current.index + 1], 0]);
  }

  join() {
    const { turn: current } = this.view;
    const joint = current.words.length;
    const next = this.transcript.turns[current.index + 1];
    if (!next) return this.say.aloud(this.say.text("join_last"));
    const [first, second] = [current, next].map((turn) => this.transcript.voice(turn)?.shown ?? this.say.text("nobody"));
    const done = this.#shaped(this.edits.join(current), () => [current, joint]);
    if (current.speaker === next.speaker || first === second) return done;
    return done.then(() => current.words.length > joint && this.say.aloud(this.say.text("joined_two", { first, second })));
  }

  give_next() {
    const { turn: current, word } = this.view;
    const next = this.transcript.turns[current.index + 1];
    if (!next) return this.say.aloud(this.say.text("join_last"));
    return this.#shaped(this.edits.give(current, word, "next"), () => [word ? current : next, word - 1]);
  }

  give_previous() {
    const { turn: current, word } = this.view;
    const before = this.transcript.turns[current.index - 1];
    if (!before) return this.say.aloud(this.say.text("give_first"));
    const all = word + 1 === current.words.length;
    return this.#shaped(this.edits.give(current, word + 1, "previous"), () => [all ? before : current, 0]);
  }

  /**
   * Waits for the server, and goes to where one goes on.
   * @param {Promise<Partial<Changed> | null>} sent
   * @param {() => [Turn | undefined, number]} place
   */
  async #shaped(sent, place) {
    this.sound.pause();
    if (!(await sent)) return;
    const { turns } = this.transcript;
    const [turn, word] = place();
    this.jump(turn && !turn.gone ? turn : turns[Math.min(turn?.index ?? 0, turns.length - 1)], word);
  }

  async undo() { await this.#back(this.edits.undo(), "undone"); }
  async redo() { await this.#back(this.edits.redo(), "redone"); }

  /**
   * @param {Promise<Partial<Changed> | null>} sent
   * @param {"undone" | "redone"} text
   */
  async #back(sent, text) {
    const changed = await sent;
    if (!changed) return;
    if (changed.first) this.jump(changed.first);
    this.say.aloud(this.say.text(text));
  }

  // --- checking ---

  /** The doubtful words here are right as they stand; on to the next doubt. */
  async accept() {
    const { turn: current, word } = this.view;
    if (!(await this.edits.accept(current, ...this.transcript.runAt(current, word)))) return;
    this.next_doubt();
  }

  /** This turn is right, and those that were heard before it without a break; on to the next. */
  check() {
    const { turn: current } = this.view;
    const plays = this.sound.playing;
    const from = this.run && !this.run.gone ? Math.min(this.run.index, current.index) : current.index;
    const heard = this.transcript.turns.slice(from, current.index).filter((turn) => !turn.checked && turn.words.length);
    const early = plays && heard.length && this.entered && this.sound.now - this.entered < JUST_MS;
    if (!early) return this.#pass([...heard, current], plays);
    this.edits.check(heard, true);
    this.runFrom(current);
    return this.say.aloud(this.say.count("checked_turns", heard.length));
  }

  /**
   * @param {Turn[]} turns
   * @param {boolean} plays
   */
  #pass(turns, plays) {
    this.edits.check(turns, true);
    const next = this.step(1);
    if (turns.length > 1) this.say.aloud(this.say.count("checked_turns", turns.length));
    if (!next) return this.say.aloud(this.say.text("at_the_end"));
    this.jump(next);
    if (plays) this.listen(next, 0);
    return undefined;
  }

  uncheck() {
    this.edits.check([this.view.turn], false);
  }

  /** Leads to the page where this turn is kept for the office, or redacted. */
  withhold() {
    this.leave();
    const index = String(this.view.turn.index);
    const asked = new URLSearchParams({ motif: "withheld", premier: index, dernier: index });
    this.document.location.assign(`publication/passage?${asked}`);
  }

  history() { this.sound.pause(); this.dialogs.history.open(this.view.turn); }
  help() { this.sound.pause(); this.dialogs.help.showModal(); }
}

const SHOWN_CHARACTERS = 60; // characters of a turn that was taken out: enough to know it by

/** @param {string} text */
function excerptOf(text) {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, text.lastIndexOf(" ", SHOWN_CHARACTERS))} …` : text;
}

/**
 * How often a word, or a few, stands in a text: whole words alone.
 * @param {string} text
 * @param {string} words
 */
export function occurrences(text, words) {
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.match(new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "gu"))?.length ?? 0;
}
