// What each action of the table does to the sitting (keys.js calls them by name, buttons too).
// An action that must wait for the server returns its promise: keys are held until then.

import { Moves } from "./moves.js";
import { correction, strip } from "./words.js";

const JUST_MS = 1500; // a turn that the sound has only just come to is not meant by "this was right"
const STEPS = 3; // how long a correction may be made a rule: so many turns later it is forgotten

export class Actions extends Moves {
  #resumes = false; // did the sound play when writing began?
  #last = null; // {gone, fresh, steps}: the last correction of a word or a few

  jump(turn, word = 0, lead = 0) {
    if (turn && turn !== this.view.current && this.#last && ++this.#last.steps > STEPS) this.#last = null;
    if (!this.#last) this.say.hint("");
    super.jump(turn, word, lead);
  }

  // --- writing ---

  edit() {
    const { current, word } = this.view;
    if (this.editor.turn === current) return;
    this.#resumes = this.sound.playing;
    if (this.sound.playing && this.sitting.turnAtMs(this.sound.now) !== current) this.moved = true;
    this.sound.pause();
    this.editor.open(current, word);
  }

  /** Takes a word out, without opening the text. */
  remove() {
    const { current, word } = this.view;
    if (current.words.length < 2) return this.say.aloud(this.say.text("only_word"));
    const gone = current.words[word][2];
    const anchor = this.sitting.anchor(current);
    const text = current.words.filter((_, at) => at !== word).map(([, , one]) => one).join(" ");
    current.retype(text);
    this.view.draw(current);
    this.view.go(current, word);
    this.say.aloud(this.say.text("removed", { word: gone }));
    this.edits.text(anchor, text).finally(() => anchor.release());
    return undefined;
  }

  leave() {
    const at = this.editor.leave();
    if (at?.turn) this.view.go(at.turn, at.word);
    if (this.#resumes && !this.sound.playing) this.sound.resume();
    this.#resumes = false;
  }

  leave_and_check() {
    const plays = this.#resumes || this.sound.playing;
    this.#resumes = false;
    this.leave();
    this.#pass([this.view.current], plays);
  }

  /** A text was left that differs: one that was corrected in one place may become a rule. */
  corrected(before, text) {
    const made = correction(before, text);
    if (!made) return void (this.#last = null);
    this.#last = { ...made, steps: 0 };
    const escaped = made.gone.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const word = new RegExp(`(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`, "gu");
    const others = this.sitting.turns.reduce((sum, turn) => sum + (turn.text.match(word)?.length ?? 0), 0);
    const hints = [this.say.text("made", made), this.say.text("make_rule")];
    if (others) hints.push(this.say.count("make_everywhere", others));
    this.say.hint(hints.join(" · "));
  }

  always() {
    this.sound.pause();
    const { current, word } = this.view;
    const here = strip(current.words[word]?.[2] ?? "");
    this.dialogs.always.open(this.#last?.fresh ?? here, this.#last?.gone ?? current.words[word]?.[4] ?? "");
  }

  replace() {
    this.leave();
    this.sound.pause();
    const { current, word } = this.view;
    this.dialogs.replace.open(this.#last?.gone ?? strip(current.words[word]?.[2] ?? ""), this.#last?.fresh ?? "");
  }

  /** Everything was replaced: the pair may become a rule as well. */
  replaced(gone, fresh, count) {
    this.#last = fresh ? { gone, fresh, steps: 0 } : null;
    const done = this.say.count("replaced", count);
    this.say.aloud(fresh ? `${done} · ${this.say.text("make_rule")}` : done);
  }

  // --- shaping ---

  speaker() {
    this.leave();
    this.dialogs.speaker.open(this.view.current);
  }

  speaker_usual() { return this.dialogs.speaker.apply(true); }
  speaker_other() { return this.dialogs.speaker.apply(false); }
  speaker_listen() { this.dialogs.speaker.listen(); }

  split() {
    const { current, word } = this.view;
    if (word === 0) return this.say.aloud(this.say.text("split_first"));
    return this.#shaped(this.edits.split(current, word), () => [this.sitting.turns[current.index + 1], 0]);
  }

  join() {
    const { current } = this.view;
    const joint = current.words.length;
    if (!this.sitting.turns[current.index + 1]) return this.say.aloud(this.say.text("join_last"));
    return this.#shaped(this.edits.join(current), () => [current, joint]);
  }

  give_next() {
    const { current, word } = this.view;
    const next = this.sitting.turns[current.index + 1];
    if (!next) return this.say.aloud(this.say.text("join_last"));
    return this.#shaped(this.edits.give(current, word, "next"), () => [word ? current : next, word - 1]);
  }

  give_previous() {
    const { current, word } = this.view;
    const before = this.sitting.turns[current.index - 1];
    if (!before) return this.say.aloud(this.say.text("give_first"));
    const all = word + 1 === current.words.length;
    return this.#shaped(this.edits.give(current, word + 1, "previous"), () => [all ? before : current, 0]);
  }

  /** Waits for the server, and goes to where one goes on. */
  async #shaped(sent, place) {
    this.sound.pause();
    if (!(await sent)) return;
    const [turn, word] = place();
    const there = turn && !turn.gone ? turn : this.sitting.turns[Math.min(turn?.index ?? 0, this.sitting.turns.length - 1)];
    this.jump(there, word);
  }

  async undo() { await this.#back(this.edits.undo(), "undone"); }
  async redo() { await this.#back(this.edits.redo(), "redone"); }

  async #back(sent, told) {
    const found = await sent;
    if (!found) return;
    if (found.first) this.jump(found.first);
    this.say.aloud(this.say.text(told));
  }

  // --- checking ---

  /** This turn is right, and those that were heard before it without a break; on to the next. */
  check() {
    const { current } = this.view;
    const plays = this.sound.playing;
    const from = this.run && !this.run.gone ? Math.min(this.run.index, current.index) : current.index;
    const heard = this.sitting.turns.slice(from, current.index).filter((turn) => !turn.checked && turn.words.length);
    const early = plays && heard.length && this.entered && this.sound.now - this.entered < JUST_MS;
    if (!early) return this.#pass([...heard, current], plays);
    this.edits.check(heard, true);
    this.run = current;
    return this.say.aloud(this.say.count("checked_turns", heard.length));
  }

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
    this.edits.check([this.view.current], false);
  }

  history() { this.sound.pause(); this.dialogs.history.open(this.view.current); }
  help() { this.sound.pause(); this.dialogs.help.showModal(); }
}
