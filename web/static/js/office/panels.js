// What a turn was before, two texts of which one must be chosen, and how a word is always to be written.

import { clock } from "./sound.js";
import { difference, showDifference } from "./words.js";

/** A moment as the clerk's own clock says it. */
function moment(at) {
  const utc = /Z|[+-]\d\d:\d\d$/.test(at) ? at : `${at}Z`;
  return new Intl.DateTimeFormat("fr", { dateStyle: "medium", timeStyle: "short" }).format(new Date(utc));
}

export class HistoryPanel {
  constructor(document, wire, say) {
    Object.assign(this, { document, wire, say });
    this.dialog = document.getElementById("dialogue-historique");
    this.list = this.dialog.querySelector("ol");
  }

  /** What was done to a turn, newest first. */
  async of(turn) {
    return this.wire.ask(`/history?turn=${turn.index}`);
  }

  async open(turn) {
    const status = this.dialog.querySelector("[role=status]");
    this.dialog.querySelector("[data-show=place]").textContent = clock(turn.start);
    this.list.replaceChildren();
    status.textContent = this.say.text("looking");
    this.dialog.showModal();
    try {
      const changes = await this.of(turn);
      status.textContent = changes.length ? "" : this.say.text("never_changed");
      this.list.replaceChildren(...changes.map((change) => this.#line(change)));
    } catch (error) {
      status.textContent = error.message;
    }
  }

  #line(change) {
    const line = this.document.createElement("li");
    const who = this.document.createElement("p");
    const text = this.document.createElement("p");
    const what = this.say.text(`kind_${change.kind}`);
    who.className = "hint";
    who.textContent = this.say.text("by", { who: this.#who(change), at: moment(change.at), what });
    const [before, after] = this.#sides(change);
    showDifference(text, difference(before, after));
    line.append(who, text);
    return line;
  }

  /** What stood there and what stands: with the names where these are what changed. */
  #sides({ before, after }) {
    const says = (turns, named) =>
      turns
        .map(({ speaker, text }) => (named ? `${speaker ?? this.say.text("nobody")} : ${text}` : text))
        .join(" ¶ ");
    const texts = [says(before, false), says(after, false)];
    return texts[0] === texts[1] ? [says(before, true), says(after, true)] : texts;
  }

  #who({ author, by }) {
    return author === "machine" ? this.say.text("machine") : (by ?? author);
  }

  /** Who changed a turn last, and when. */
  async last(turn) {
    const change = (await this.of(turn)).find(({ author }) => author !== "machine");
    return change ? { who: this.#who(change), at: moment(change.at) } : null;
  }
}

export class ConflictDialog {
  #turn = null;
  #upon = null; // what a text that is kept is made upon: the turn as it is shown beside it
  #waiting = [];

  /** `settled(turn, anchor, text)` is told what is to stand upon the anchor, null for what stands already. */
  constructor(document, sitting, history, say, { settled }) {
    Object.assign(this, { document, sitting, history, say, settled });
    this.dialog = document.getElementById("dialogue-conflit");
    this.field = this.dialog.querySelector("textarea");
    // One text must be chosen. Chromium lets a second Escape through, but for `closedby`; Safari knows this alone.
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    this.dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.submitter.value === "copy") return this.#copy();
      const mine = event.submitter.value === "mine";
      const [turn, upon] = [this.#turn, this.#upon];
      this.#turn = this.#upon = null;
      this.dialog.close();
      this.settled(turn, upon, mine ? this.field.value : null);
      if (this.#waiting.length) this.open(...this.#waiting.shift());
    });
  }

  /**
   * Shows what was written upon an anchor beside what stands there now. A text whose turn is gone, or of which
   * a part was taken out for good, has no place of its own any more: it can only be copied.
   */
  async open(anchor, mine) {
    if (this.#turn) return void this.#waiting.push([anchor, mine]);
    const { turn, closed } = anchor;
    const gone = closed || turn.gone;
    this.#turn = turn;
    this.#upon = gone ? null : this.sitting.anchor(turn);
    const there = turn.gone ? this.sitting.turnAtMs(anchor.start) : turn;
    const theirs = this.dialog.querySelector("[data-show=theirs]");
    if (closed) theirs.textContent = this.say.text("taken_out");
    else showDifference(theirs, difference(mine, there?.text ?? ""), "after");
    this.field.value = mine;
    const who = this.dialog.querySelector("[data-show=who]");
    who.textContent = gone ? this.say.text("there_now") : this.say.text("theirs", { who: this.say.text("somebody") });
    this.dialog.querySelector("[role=status]").textContent = "";
    for (const part of this.dialog.querySelectorAll("[data-when]")) part.hidden = (part.dataset.when === "gone") !== gone;
    this.dialog.showModal();
    this.field.focus();
    const last = gone ? null : await this.history.last(turn).catch(() => null);
    if (last) who.textContent = this.say.text("theirs_at", last);
    return undefined;
  }

  /** By the old command: the clipboard of today is shut to pages without TLS. */
  #copy() {
    this.field.select();
    const done = this.document.execCommand("copy");
    this.dialog.querySelector("[role=status]").textContent = this.say.text(done ? "copied" : "not_copied");
  }
}

export class AlwaysDialog {
  /** `kept(term)` is told the entry that the glossary has now. */
  constructor(document, wire, say, { kept }) {
    Object.assign(this, { document, wire, say, kept });
    this.dialog = document.getElementById("dialogue-toujours");
    this.form = this.dialog.querySelector("form");
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  /** Offers to write a word so for good, where it was heard otherwise. */
  open(text, spoken) {
    this.form.elements.text.value = text;
    this.form.elements.spoken.value = spoken;
    this.form.querySelector("[role=status]").textContent = "";
    this.dialog.showModal();
    this.form.elements[text ? "spoken" : "text"].select();
  }

  async #submit(event) {
    event.preventDefault();
    if (event.submitter?.value === "cancel") return this.dialog.close();
    const { text, spoken } = this.form.elements;
    const forms = spoken.value.split(/[|;]/).map((form) => form.trim()).filter(Boolean);
    try {
      this.kept(await this.wire.ask("/terms", { text: text.value.trim(), spoken: forms }));
      this.dialog.close();
    } catch (error) {
      this.form.querySelector("[role=status]").textContent = error.message;
    }
    return undefined;
  }
}
