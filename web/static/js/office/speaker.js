// Who speaks: a name by a few of its letters, for this turn or wherever the voice is heard.

import { folded, typeset } from "./words.js";

const SAMPLE_MS = 8000;
const SHOWN = 9; // names at once: more are found by one more letter

export class SpeakerDialog {
  #turn = null;
  #names = [];
  #chosen = -1;

  constructor(document, sitting, edits, sound, say) {
    Object.assign(this, { document, sitting, edits, sound, say });
    this.dialog = document.getElementById("dialogue-voix");
    this.field = this.dialog.querySelector("input");
    this.list = this.dialog.querySelector("[role=listbox]");
    this.field.addEventListener("input", () => this.#fill());
    this.field.addEventListener("keydown", (event) => this.#walk(event));
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#choose([...this.list.children].indexOf(option)), this.field.focus();
    });
    this.dialog.addEventListener("close", () => this.sound.pause());
  }

  open(turn) {
    this.#turn = turn;
    this.sound.pause();
    const voice = this.sitting.voice(turn);
    const shown = voice?.shown ?? this.say.text("nobody");
    const many = voice ? this.sitting.turnsOf(voice.label).length : 0;
    this.dialog.querySelector("[data-show=voice]").textContent = many
      ? this.say.count("voice", many, { who: shown })
      : shown;
    this.dialog.querySelector("[data-show=reason]").textContent = typeset(voice?.reason ?? "");
    this.#offer(voice, many);
    this.field.value = "";
    this.#fill();
    this.dialog.showModal();
    this.field.focus();
  }

  /** Which of two is meant by Enter alone: a voice without a name gets one everywhere. */
  #offer(voice, many) {
    const everywhere = Boolean(voice) && !voice.person;
    const texts = { true: this.say.count("everywhere", many, { n: many }), false: this.say.text("here") };
    for (const [name, scope] of [["usual", everywhere], ["other", !everywhere]]) {
      const button = this.dialog.querySelector(`[data-action=speaker_${name}]`);
      button.querySelector("span").textContent = texts[scope];
      button.hidden = !voice && scope;
    }
    this.everywhere = everywhere;
  }

  // --- names ---

  /** Everybody who may speak, those who spoke just before this turn first. */
  #everybody() {
    const { turns, people, voices } = this.sitting;
    const near = turns.slice(Math.max(0, this.#turn.index - 40), this.#turn.index).reverse();
    const named = [...near.map((turn) => this.sitting.voice(turn)?.person), ...people];
    return [...new Set([...named, ...[...voices.values()].map(({ person }) => person)])].filter(Boolean);
  }

  #fill() {
    const typed = this.field.value.trim().replace(/\s+/g, " ");
    const asked = folded(typed).split(" ").filter(Boolean);
    const fits = (name) => asked.every((part) => folded(name).split(/[ -]/).some((word) => word.startsWith(part)));
    const known = this.#everybody().filter(fits);
    this.#names = known.slice(0, SHOWN).map((name) => ({ person: name, shown: name }));
    if (typed && !known.some((name) => folded(name) === folded(typed))) {
      this.#names.push({ person: typed, shown: this.say.text("new_name", { name: typed }) });
    }
    if (!typed && this.sitting.voice(this.#turn)?.person) {
      this.#names.push({ person: null, shown: this.say.text("no_name") });
    }
    this.list.replaceChildren(...this.#names.map(({ shown }, n) => this.#option(shown, n)));
    this.#choose(typed && this.#names.length ? 0 : -1);
  }

  #option(textContent, n) {
    const option = Object.assign(this.document.createElement("li"), { textContent, id: `voix-${n}` });
    option.setAttribute("role", "option");
    return option;
  }

  #choose(n) {
    this.#chosen = n;
    [...this.list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === n)));
    if (n < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", `voix-${n}`);
    this.list.children[n]?.scrollIntoView({ block: "nearest" });
  }

  #walk(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || !this.#names.length) return;
    event.preventDefault();
    this.#choose((Math.max(this.#chosen + by, by < 0 && this.#chosen < 0 ? -2 : -1) + this.#names.length) % this.#names.length);
  }

  // --- what is done ---

  /** Gives the chosen name, where Enter means (`usual`) or in the other of the two scopes. */
  apply(usual) {
    const chosen = this.#names[this.#chosen];
    if (!chosen) return this.say.aloud(this.say.text("choose_name"));
    if (!usual && !this.sitting.voice(this.#turn)) return null;
    this.dialog.close();
    return this.edits.speaker(this.#turn, chosen.person, usual ? this.everywhere : !this.everywhere);
  }

  /** Plays some of the longest turn of the voice; again, and it stops. */
  listen() {
    if (this.sound.playing) return this.sound.pause();
    const label = this.#turn.speaker;
    const turns = label === null ? [this.#turn] : this.sitting.turnsOf(label);
    const longest = turns.reduce((best, turn) => (turn.end - turn.start > best.end - best.start ? turn : best));
    return this.sound.from(longest.start, Math.min(longest.end, longest.start + SAMPLE_MS));
  }
}
