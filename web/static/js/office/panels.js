// What a turn was before, two texts of which one must be chosen, and how a word is always to be written.

import { all, clock, required, submitButton } from "../page.js";
import { difference, showDifference } from "./words.js";

/** @import { Anchor, Transcript, Turn } from "./transcript.js" */
/** @import { Say } from "./say.js" */
/** @import { Wire } from "./wire.js" */
/** @typedef {{ speaker: string | null, text: string }} SpokenText */
/** @typedef {{ at: string, author: string, by: string | null, kind: string, before: SpokenText[], after: SpokenText[] }} Change */

/**
 * A moment of the server's, in UTC unless it says otherwise.
 * @param {string} at ISO 8601
 */
export function momentOf(at) {
  return new Date(/Z|[+-]\d\d:\d\d$/.test(at) ? at : `${at}Z`);
}

/**
 * A moment as the clerk's own clock says it.
 * @param {string} at ISO 8601
 */
function moment(at) {
  return new Intl.DateTimeFormat("fr", { dateStyle: "medium", timeStyle: "short" }).format(momentOf(at));
}

export class HistoryPanel {
  /**
   * @param {Document} document
   * @param {Wire} wire
   * @param {Say} say
   */
  constructor(document, wire, say) {
    this.document = document;
    this.wire = wire;
    this.say = say;
    this.dialog = required(document, "#dialogue-historique", HTMLDialogElement);
    this.list = required(this.dialog, "ol");
  }

  /**
   * What was done to a turn, newest first.
   * @param {Turn} turn
   * @returns {Promise<Change[]>}
   */
  async of(turn) {
    return this.wire.ask(`/history?turn=${turn.index}`);
  }

  /** @param {Turn} turn */
  async open(turn) {
    const status = required(this.dialog, "[role=status]");
    required(this.dialog, "[data-show=place]").textContent = clock(turn.start);
    this.list.replaceChildren();
    status.textContent = this.say.text("looking");
    this.dialog.showModal();
    try {
      const changes = await this.of(turn);
      status.textContent = changes.length ? "" : this.say.text("never_changed");
      this.list.replaceChildren(...changes.map((change) => this.#line(change)));
    } catch (error) {
      status.textContent = messageOf(error);
    }
  }

  /** @param {Change} change */
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

  /**
   * What stood there and what stands: with the names where these are what changed.
   * @param {Change} change
   */
  #sides({ before, after }) {
    /** @type {(turns: SpokenText[], named: boolean) => string} */
    const says = (turns, named) =>
      turns
        .map(({ speaker, text }) => (named ? `${speaker ?? this.say.text("nobody")} : ${text}` : text))
        .join(" ¶ ");
    const texts = [says(before, false), says(after, false)];
    return texts[0] === texts[1] ? [says(before, true), says(after, true)] : texts;
  }

  /** @param {Change} change */
  #who({ author, by }) {
    return author === "machine" ? this.say.text("machine") : (by ?? author);
  }

  /**
   * Who changed a turn last, and when.
   * @param {Turn} turn
   */
  async last(turn) {
    const change = (await this.of(turn)).find(({ author }) => author !== "machine");
    return change ? { who: this.#who(change), at: moment(change.at) } : null;
  }
}

/** @typedef {Pick<Anchor, "turn" | "start" | "redacted">} Written where a text was written */

export class ConflictDialog {
  #turn = /** @type {Turn | null} */ (null);
  #upon = /** @type {Anchor | null} */ (null); // what a text that is kept is made upon: the turn as it is shown beside it
  #waiting = /** @type {[Written, string][]} */ ([]);

  /**
   * @param {Document} document
   * @param {Transcript} transcript
   * @param {HistoryPanel} history
   * @param {Say} say
   * @param {(turn: Turn, upon: Anchor | null, text: string | null) => void} settled called with what is to stand
   *   upon the anchor, null for what stands already
   */
  constructor(document, transcript, history, say, settled) {
    this.document = document;
    this.transcript = transcript;
    this.history = history;
    this.say = say;
    this.settled = settled;
    this.dialog = required(document, "#dialogue-conflit", HTMLDialogElement);
    this.field = required(this.dialog, "textarea", HTMLTextAreaElement);
    // One text must be chosen. Chromium lets a second Escape through, but for `closedby`; Safari knows this alone.
    this.dialog.addEventListener("cancel", (event) => event.preventDefault());
    required(this.dialog, "form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const choice = submitButton(event)?.value;
      if (choice === "copy") this.#copy();
      else this.#settle(choice === "mine" ? this.field.value : null);
    });
  }

  /** @param {string | null} text */
  #settle(text) {
    const [turn, upon] = [this.#turn, this.#upon];
    this.#turn = this.#upon = null;
    this.dialog.close();
    if (turn) this.settled(turn, upon, text);
    const next = this.#waiting.shift();
    if (next) this.open(...next);
  }

  /**
   * Shows what was written upon an anchor beside what stands there now. A text whose turn is gone, or of which
   * a part was redacted has no place of its own any more: it can only be copied.
   * @param {Written} anchor
   * @param {string} mine
   */
  async open(anchor, mine) {
    if (this.#turn) return void this.#waiting.push([anchor, mine]);
    const { turn, redacted } = anchor;
    const gone = redacted || turn.gone;
    this.#turn = turn;
    this.#upon = gone ? null : this.transcript.anchor(turn);
    const there = turn.gone ? this.transcript.turnAtMs(anchor.start) : turn;
    const theirs = required(this.dialog, "[data-show=theirs]");
    if (redacted) theirs.textContent = this.say.text("taken_out");
    else showDifference(theirs, difference(mine, there?.text ?? ""), "after");
    this.field.value = mine;
    const who = required(this.dialog, "[data-show=who]");
    who.textContent = gone ? this.say.text("there_now") : this.say.text("theirs", { who: this.say.text("somebody") });
    required(this.dialog, "[role=status]").textContent = "";
    for (const part of all(this.dialog, "[data-when]")) part.hidden = (part.dataset.when === "gone") !== gone;
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
    required(this.dialog, "[role=status]").textContent = this.say.text(done ? "copied" : "not_copied");
  }
}

export class AlwaysDialog {
  /**
   * @param {Document} document
   * @param {Wire} wire
   * @param {(term: { text: string }) => void} kept called with the entry that the glossary has now
   */
  constructor(document, wire, kept) {
    this.wire = wire;
    this.kept = kept;
    this.dialog = required(document, "#dialogue-toujours", HTMLDialogElement);
    this.form = required(this.dialog, "form", HTMLFormElement);
    this.text = required(this.form, "[name=text]", HTMLInputElement);
    this.spoken = required(this.form, "[name=spoken]", HTMLInputElement);
    this.status = required(this.form, "[role=status]");
    this.form.addEventListener("submit", (event) => this.#submit(event));
  }

  /**
   * Offers to write a word so for good, where it was heard otherwise.
   * @param {string} text
   * @param {string} spoken
   */
  open(text, spoken) {
    this.text.value = text;
    this.spoken.value = spoken;
    this.status.textContent = "";
    this.dialog.showModal();
    (text ? this.spoken : this.text).select();
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    if (submitButton(event)?.value === "cancel") return this.dialog.close();
    try {
      this.kept(await this.wire.ask("/terms", { text: this.text.value.trim(), spoken: spokenForms(this.spoken.value) }));
      this.dialog.close();
    } catch (error) {
      this.status.textContent = messageOf(error);
    }
    return undefined;
  }
}

/**
 * The forms of a word that are written in one field.
 * @param {string} text
 */
export function spokenForms(text) {
  return text.split(/[|;]/).map((form) => form.trim()).filter(Boolean);
}

/**
 * What an error says, to be shown.
 * @param {unknown} error
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
