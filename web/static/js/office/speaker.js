// Who speaks: a name by a few of its letters, for this turn or wherever the voice is heard.

import { closest, required } from "../page.js";
import { folded, typeset } from "./words.js";

/** @import { Transcript, Turn, Voice } from "./transcript.js" */
/** @import { Edits } from "./edits.js" */
/** @import { Say } from "./say.js" */
/** @import { Sound } from "./sound.js" */

const SAMPLE_MS = 8000; // of a voice: enough to know it by
const NEAR = 40; // turns back: who spoke there is likely to speak again
const SHOWN_NAMES = 9; // names at once: more are found by one more letter

/**
 * The names that what is typed stands for: each of its words begins one of the name's.
 * @param {string[]} names
 * @param {string} typed
 */
export function namesLike(names, typed) {
  const beginnings = folded(typed).split(" ").filter(Boolean);
  return names.filter((name) => {
    const words = folded(name).split(/[ -]/);
    return beginnings.every((beginning) => words.some((word) => word.startsWith(beginning)));
  });
}

export class SpeakerDialog {
  #turn = /** @type {Turn | null} */ (null);
  #names = /** @type {{ person: string | null, shown: string }[]} */ ([]);
  #chosen = -1;

  /**
   * @param {Document} document
   * @param {Transcript} transcript
   * @param {Edits} edits
   * @param {Sound} sound
   * @param {Say} say
   */
  constructor(document, transcript, edits, sound, say) {
    this.document = document;
    this.transcript = transcript;
    this.edits = edits;
    this.sound = sound;
    this.say = say;
    this.dialog = required(document, "#dialogue-voix", HTMLDialogElement);
    this.field = required(this.dialog, "input", HTMLInputElement);
    this.list = required(this.dialog, "[role=listbox]");
    this.field.addEventListener("input", () => this.#fill());
    this.field.addEventListener("keydown", (event) => this.#walk(event));
    this.list.addEventListener("click", (event) => {
      const option = closest(event, "[role=option]");
      if (!option) return;
      this.#choose([...this.list.children].indexOf(option));
      this.field.focus();
    });
    this.dialog.addEventListener("close", () => this.sound.pause());
  }

  /** @param {Turn} turn */
  open(turn) {
    this.#turn = turn;
    this.sound.pause();
    const voice = this.transcript.voice(turn);
    const shown = voice?.shown ?? this.say.text("nobody");
    const many = voice ? this.transcript.turnsOf(voice.label).length : 0;
    required(this.dialog, "[data-show=voice]").textContent = many
      ? this.say.count("voice", many, { who: shown })
      : shown;
    required(this.dialog, "[data-show=reason]").textContent = typeset(voice?.reason ?? "");
    this.#offer(voice, many);
    this.field.value = "";
    this.#fill();
    this.dialog.showModal();
    this.field.focus();
  }

  /**
   * Here, or wherever the voice is heard: a key each, which never change.
   * @param {Voice | null} voice
   * @param {number} many how many turns it has
   */
  #offer(voice, many) {
    const everywhere = required(this.dialog, "[data-action=speaker_everywhere]");
    required(this.dialog, "[data-action=speaker_here] span").textContent = this.say.text("here");
    required(everywhere, "span").textContent = this.say.count("everywhere", many, { n: many });
    everywhere.hidden = !voice;
  }

  // --- names ---

  /**
   * Who may speak, those who spoke just before a turn first.
   * @param {Turn | null} turn
   */
  #everybody(turn) {
    const { turns, people, voices } = this.transcript;
    const place = turn?.index ?? 0;
    const near = turns.slice(Math.max(0, place - NEAR), place).toReversed();
    const spoke = near.map((other) => this.transcript.voice(other)?.person ?? "");
    const named = [...voices.values()].map(({ person }) => person ?? "");
    return [...new Set([...spoke, ...people, ...named])].filter(Boolean);
  }

  #fill() {
    const typed = this.field.value.trim().replace(/\s+/g, " ");
    const known = namesLike(this.#everybody(this.#turn), typed);
    this.#names = known.slice(0, SHOWN_NAMES).map((name) => ({ person: name, shown: name }));
    if (typed && !known.some((name) => folded(name) === folded(typed))) {
      this.#names.push({ person: typed, shown: this.say.text("new_name", { name: typed }) });
    }
    if (!typed && this.#turn && this.transcript.voice(this.#turn)?.person) {
      this.#names.push({ person: null, shown: this.say.text("no_name") });
    }
    this.list.replaceChildren(...this.#names.map(({ shown }, n) => this.#option(shown, n)));
    this.#choose(typed && this.#names.length ? 0 : -1);
  }

  /**
   * @param {string} textContent
   * @param {number} n
   */
  #option(textContent, n) {
    const option = Object.assign(this.document.createElement("li"), { textContent, id: `voix-${n}` });
    option.setAttribute("role", "option");
    return option;
  }

  /** @param {number} n */
  #choose(n) {
    this.#chosen = n;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === n)));
    if (n < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `voix-${n}`);
    this.list.children[n]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #walk(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    if (!by || !this.#names.length) return;
    event.preventDefault();
    this.#choose((Math.max(this.#chosen + by, by < 0 && this.#chosen < 0 ? -2 : -1) + this.#names.length) % this.#names.length);
  }

  // --- what is done ---

  /**
   * Gives the chosen name, and says where.
   * @param {boolean} everywhere wherever the voice is heard, or else in this turn alone
   */
  async apply(everywhere) {
    const turn = this.#turn;
    const chosen = this.#names[this.#chosen];
    if (!turn || !chosen) return this.say.aloud(this.say.text("choose_name"));
    const voice = this.transcript.voice(turn);
    if (everywhere && !voice) return;
    const many = voice ? this.transcript.turnsOf(voice.label).length : 1;
    this.dialog.close();
    if (!(await this.edits.speaker(turn, chosen.person, everywhere))) return;
    const who = chosen.shown;
    this.say.aloud(everywhere ? this.say.count("named_everywhere", many, { who }) : this.say.text("named_here", { who }));
  }

  /** Plays some of the longest turn of the voice; again, and it stops. */
  listen() {
    if (this.sound.playing) return this.sound.pause();
    if (!this.#turn) return undefined;
    const label = this.#turn.speaker;
    const turns = label === null ? [this.#turn] : this.transcript.turnsOf(label);
    const longest = turns.reduce((best, turn) => (turn.end - turn.start > best.end - best.start ? turn : best));
    return this.sound.from(longest.start, Math.min(longest.end, longest.start + SAMPLE_MS));
  }
}
