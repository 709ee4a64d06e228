// Moving in the sitting and hearing it: the sound follows the cursor, and the cursor follows the sound.
// Changes nothing. Methods without a # are actions of the table (keys.js), or what actions share.

import { strip } from "./words.js";

const LEAD_MS = 1000; // a doubtful word is heard with what is said just before it

export class Moves {
  moved = true; // has the cursor left the place where the sound stopped?
  #lead = 0;
  run = null; // the turn from which on all was heard without a break
  entered = 0; // where the sound came into the current turn by itself

  constructor(parts) {
    Object.assign(this, parts);
    this.sound.addEventListener("sound:time", ({ detail }) => this.#follow(detail.ms));
    this.sound.addEventListener("sound:state", ({ detail }) => detail.playing || this.view.light(null));
    this.sound.addEventListener("sound:failed", () => this.say.aloud(this.say.text("no_sound")));
  }

  // --- moving ---

  /** Goes to a word; what plays goes there too. */
  jump(turn, word = 0, lead = 0) {
    if (!turn) return;
    this.view.go(turn, word);
    this.run = turn;
    this.entered = 0;
    this.#lead = lead;
    if (this.sound.playing) this.listen(turn, this.view.word);
    else this.moved = true;
  }

  /** Plays from a word on. */
  listen(turn, word) {
    this.moved = false;
    this.run = turn;
    const start = turn.words[word]?.[0] ?? turn.start;
    this.sound.from(Math.min(start, Math.max(turn.start, start - this.#lead)));
    this.#lead = 0;
  }

  #follow(ms) {
    const turn = this.sitting.turnAtMs(ms);
    if (!turn) return;
    const word = turn.wordAtMs(ms);
    this.view.light(turn, this.sound.playing ? word : null);
    if (this.editor.isOpen || this.document.querySelector("dialog[open]")) return;
    const { current } = this.view;
    const seeks = !this.sound.playing;
    if (turn !== current && (seeks || turn.index > current.index)) {
      const within = this.view.article(current).contains(this.document.activeElement);
      if (seeks) this.run = turn;
      this.entered = turn.start;
      this.view.go(turn, word, { focus: within });
    } else if (turn === current && word !== this.view.word) {
      this.view.word = word;
      this.view.point();
    }
  }

  step(by) {
    const { turns } = this.sitting;
    let at = this.view.current.index + by;
    while (turns[at] && !(turns[at].words.length && this.view.isShown(turns[at]))) at += by;
    return turns[at] ?? null;
  }

  /** The next place that fits, round the end and back; `places` gives the words to stop at in a turn. */
  #seek(by, places) {
    const { turns } = this.sitting;
    const { current, word } = this.view;
    for (let n = 0; n <= turns.length; n++) {
      const turn = turns[(current.index + by * n + turns.length * 2) % turns.length];
      let found = places(turn);
      if (n === 0) found = found.filter((at) => (at - word) * by > 0);
      if (n === turns.length) found = found.filter((at) => (at - word) * by <= 0);
      if (found.length) return { turn, word: by > 0 ? found[0] : found.at(-1) };
    }
    return null;
  }

  #doubt(by) {
    const found = this.#seek(by, (turn) => this.sitting.stops(turn));
    if (!found) return this.say.aloud(this.say.text("no_doubt"));
    this.jump(found.turn, found.word, LEAD_MS);
    const word = strip(found.turn.words[found.word]?.[2] ?? "");
    const here = ({ start_ms: start }) => found.turn.wordAtMs(Math.max(found.turn.start, start)) === found.word;
    const reasons = this.sitting.reasons(found.turn).filter(here).map(({ reason }) => reason);
    return this.say.aloud([this.say.text("doubt", { word }), ...reasons].join(" · "));
  }

  #unnamed(by) {
    const { current } = this.view;
    const found = this.#seek(by, (turn) => (turn !== current && turn.words.length && this.sitting.unnamed(turn) ? [0] : []));
    if (found) this.jump(found.turn);
    else this.say.aloud(this.say.text(this.sitting.unnamed(current) ? "only_unnamed" : "no_unnamed"));
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
  first_turn() { this.jump(this.sitting.turns.find((turn) => this.view.isShown(turn))); }
  last_turn() { this.jump(this.sitting.turns.findLast((turn) => this.view.isShown(turn))); }
  back() { this.editor.isOpen ? this.editor.focus() : this.view.go(this.view.current, this.view.word); }

  #word(by) {
    const { current, word } = this.view;
    if (word + by >= 0 && word + by < current.words.length) return this.jump(current, word + by);
    const turn = this.step(by);
    return turn && this.jump(turn, by > 0 ? 0 : turn.words.length - 1);
  }

  /** Where the next or the previous sentence begins; past the turn's end, the next turn. */
  #sentence(by) {
    const { current, word } = this.view;
    const begins = (at) => at === 0 || /[.?!…][\s»”)]*$/.test(current.words[at - 1][2]);
    let at = word + by;
    while (at >= 0 && at < current.words.length && !begins(at)) at += by;
    if (at >= 0 && at < current.words.length) this.jump(current, at);
    else this.jump(this.step(by));
  }

  filter() {
    const only = this.view.narrow();
    this.document.querySelector("[data-action=filter]").setAttribute("aria-pressed", String(only));
    this.view.go(this.view.current, this.view.word);
    this.say.aloud(this.say.text(only ? "narrowed" : "all_shown"));
  }

  // --- listening ---

  play() {
    if (!this.sound.exists) return this.say.aloud(this.say.text("silent"));
    if (this.sound.playing) return this.sound.pause();
    if (this.moved && !this.editor.isOpen) return this.listen(this.view.current, this.view.word);
    return this.sound.resume();
  }

  /** This turn alone, from its start to its end. */
  replay() {
    const turn = this.view.current;
    this.moved = false;
    this.run = turn;
    this.sound.from(turn.start, turn.end);
  }

  faster() { this.#speed(1); }
  slower() { this.#speed(-1); }

  #speed(by) {
    const speed = this.sound.step(by);
    if (speed) this.say.aloud(this.say.text("speed", { speed }));
  }
}
