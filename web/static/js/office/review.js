// The review of a session's transcript: fetches it, wires the parts, keeps the head of the page true.

import { all, closest, required, templateOf } from "../page.js";
import { Actions } from "./actions.js";
import { Drafts } from "./drafts.js";
import { Editor } from "./editor.js";
import { Edits } from "./edits.js";
import { Keys } from "./keys.js";
import { AlwaysDialog, ConflictDialog, HistoryPanel, messageOf, momentOf } from "./panels.js";
import { ReplaceDialog } from "./replace.js";
import { Say } from "./say.js";
import { Sound } from "./sound.js";
import { SpeakerDialog } from "./speaker.js";
import { Transcript } from "./transcript.js";
import { View } from "./view.js";
import { Waveform } from "./waveform.js";
import { Wire } from "./wire.js";
import { characterAt } from "./words.js";

/** @import { Anchor, RawTranscript, Turn } from "./transcript.js" */
/** @import { NamedDraft } from "./drafts.js" */
/** @import { Mode } from "./keys.js" */
/** @import { Refusal } from "./wire.js" */

const NEWS = 3; // turns changed by somebody else that are said at once; each costs a request

class Review {
  #last = 0; // where the current turn stood when the head was last shown

  /**
   * @param {Document} document
   * @param {RawTranscript} raw
   * @param {Wire} wire
   * @param {Say} say
   */
  constructor(document, raw, wire, say) {
    this.document = document;
    this.wire = wire;
    this.say = say;
    const transcript = (this.transcript = new Transcript(raw));
    const view = (this.view = new View(document, transcript, say));
    const sound = (this.sound = new Sound(raw.session.has_audio ? required(document, "#barre") : null));
    if (sound.exists) sound.load(raw.session);
    this.waveform = sound.exists ? new Waveform(required(document, "#onde"), sound, transcript) : null;
    const edits = (this.edits = new Edits(transcript, wire, view, this));
    this.drafts = new Drafts(raw.session.id);
    const editor = (this.editor = new Editor(document, transcript, view, edits, this.drafts, say, (before, text) =>
      this.actions.corrected(before, text),
    ));
    this.history = new HistoryPanel(document, wire, say);
    this.choice = new ConflictDialog(document, transcript, this.history, say, (...choice) => this.#settle(...choice));
    const dialogs = this.#dialogs();
    this.actions = new Actions({ document, transcript, view, sound, editor, edits, say, dialogs });
    this.keys = new Keys(document, {
      where: (target) => this.#where(target),
      perform: (action) => /** @type {any} */ (this.actions)[action](), // a test holds the table to the methods
      type: (key) => this.editor.type(key),
    });
  }

  #dialogs() {
    const { document, transcript, edits, wire, say, sound, history } = this;
    return {
      history,
      help: required(document, "#dialogue-aide", HTMLDialogElement),
      speaker: new SpeakerDialog(document, transcript, edits, sound, say),
      replace: new ReplaceDialog(document, transcript, edits, wire, say, (...pair) => this.actions.replaced(...pair)),
      always: new AlwaysDialog(document, wire, ({ text }) => say.aloud(say.text("kept", { text }))),
    };
  }

  start() {
    this.view.arrange();
    this.#head();
    this.waveform?.load(`${required(this.document, "#relecture").dataset.base}/waveform`);
    const { turns } = this.transcript;
    const [asked, word] = this.#asked();
    this.view.go(asked ?? turns.find((turn) => !turn.checked && turn.words.length) ?? turns[0], word);
    required(this.document, "#attente").remove();
    const list = required(this.document, "#tours");
    list.addEventListener("click", (event) => this.#clicked(event));
    list.addEventListener("dblclick", (event) => this.#clickedTwice(event));
    this.document.addEventListener("click", (event) => this.#pressed(event));
    for (const dialog of all(this.document, "dialog")) {
      dialog.addEventListener("close", () => this.#return());
    }
    addEventListener("beforeunload", (event) => this.wire.waiting && event.preventDefault()); // not yet saved
    this.#offer(this.drafts.left());
    if (asked && new URLSearchParams(location.search).has("mots")) this.actions.edit();
  }

  /**
   * The word that the address names, as a link from the votes does: `?t=` in milliseconds.
   * @returns {[Turn | null, number]}
   */
  #asked() {
    const t = new URLSearchParams(location.search).get("t") ?? "";
    const turn = /^\d{1,9}$/.test(t) ? this.transcript.turnAtMs(Number(t)) : null;
    return [turn, turn?.wordAtMs(Number(t)) ?? 0];
  }

  #return() {
    if (this.document.querySelector("dialog[open]")) return;
    if (this.view.current && !this.editor.isOpen) this.view.go(this.view.current, this.view.word);
  }

  // --- where the keyboard is ---

  /**
   * @param {Element} target
   * @returns {Mode}
   */
  #where(target) {
    const dialog = this.document.querySelector("dialog[open]");
    if (dialog) return dialog.id === "dialogue-voix" && target.tagName === "INPUT" ? "speaker" : "dialog";
    if (target.classList.contains("writing")) return "editing";
    if (this.editor.isOpen) return "elsewhere"; // letters are meant for the text, not for the turn
    return target === this.document.body || target.closest("#tours") ? "reading" : "elsewhere";
  }

  // --- the pointer ---

  /** @param {MouseEvent} event */
  #clicked(event) {
    const slot = closest(event, ".slot");
    const turn = slot && this.view.turnOf(slot);
    if (!turn || closest(event, "textarea") || !this.document.getSelection()?.isCollapsed) return;
    if (this.editor.isOpen && this.editor.turn !== turn) this.actions.leave();
    if (closest(event, ".who")) return this.actions.jump(turn), this.actions.speaker();
    if (closest(event, ".clock")) return this.actions.jump(turn), this.actions.replay();
    const onText = closest(event, ".said") !== null;
    const word = onText ? this.#wordAt(turn, event) : 0;
    this.actions.jump(turn, word);
    if (onText && !this.sound.playing) this.actions.listen(turn, word);
    return undefined;
  }

  /** @param {MouseEvent} event */
  #clickedTwice(event) {
    const text = closest(event, ".said");
    const turn = text && this.view.turnOf(text);
    if (!turn) return;
    this.view.go(turn, this.#wordAt(turn, event));
    this.sound.pause();
    this.actions.edit();
  }

  /**
   * @param {Turn} turn
   * @param {MouseEvent} event
   */
  #wordAt(turn, { clientX, clientY }) {
    const character = characterAt(this.document, clientX, clientY);
    return character && this.view.said(turn).contains(character.node) ? turn.wordAt(character.offset) : 0;
  }

  /**
   * Buttons do what keys do; the focus goes back to the text, unless the keyboard pressed them.
   * @param {MouseEvent} event
   */
  #pressed(event) {
    const button = closest(event, "[data-action]");
    const action = button?.dataset.action;
    if (!button || !action) return;
    if (event.detail && !button.closest("dialog")) this.#return();
    if (action === "finish") this.#finish();
    else this.keys.do(action);
  }

  // --- what comes of edits (the Listener of edits.js) ---

  /** @param {Turn[]} others */
  after(others) {
    if (!this.view.current) this.#stay();
    const { turn, anchor } = this.editor;
    if (anchor && turn?.gone && turn.pending === null) this.conflict(anchor);
    this.#head();
    this.waveform?.draw();
    this.view.point();
    this.#others(others);
  }

  /** The turn one was at is gone: the one that stands there now. */
  #stay() {
    const { turns } = this.transcript;
    this.view.go(turns[Math.min(this.#last, turns.length - 1)], 0, { focus: !this.editor.isOpen });
  }

  /**
   * Somebody else changed something: said quietly, on the turn itself.
   * @param {Turn[]} turns
   */
  async #others(turns) {
    for (const turn of turns.slice(0, NEWS)) {
      const last = await this.history.last(turn).catch(() => null);
      if (!last || turn.gone) continue;
      this.view.note(turn, this.say.text("changed_by", last));
      if (turn === this.view.current) this.say.aloud(this.say.text("changed_by", last));
    }
  }

  /**
   * @param {Anchor} anchor
   * @param {string} text what was written, where it is not still being written
   */
  conflict(anchor, text = "") {
    this.choice.open(anchor, this.editor.turn === anchor.turn ? this.editor.drop() : text);
  }

  /** @param {Refusal} refusal */
  refused(refusal) {
    this.say.aloud(refusal.message);
  }

  /**
   * @param {Turn} turn
   * @param {Anchor | null} anchor
   * @param {string | null} text
   */
  async #settle(turn, anchor, text) {
    this.#return(); // at once: the event `close` comes later, and the text that had the focus is gone (see conflict)
    if (text === null || !anchor || (await this.edits.text(anchor, text)) === "saved") this.editor.forget(turn);
    anchor?.release();
  }

  // --- the head ---

  #head() {
    const { progress, overall, standing } = this.transcript;
    const { reviewed } = standing;
    /** @type {(name: string, text: string) => void} */
    const show = (name, text) => (required(this.document, `[data-show=${name}]`).textContent = text);
    const facts = [this.say.text("progress", progress), this.say.count("left", standing.review.length)];
    if (standing.likely_errors) facts.push(this.say.count("likely_errors", standing.likely_errors));
    if (progress.unnamed) facts.push(this.say.count("unnamed", progress.unnamed));
    show("progress", facts.join(" · "));
    const bar = required(this.document, "#avancement", HTMLProgressElement);
    Object.assign(bar, { max: progress.turns || 1, value: progress.checked });
    show("overall", overall.map(({ reason }) => reason).join(" · "));
    required(this.document, "[data-action=undo]", HTMLButtonElement).disabled = !standing.can_undo;
    required(this.document, "[data-action=redo]", HTMLButtonElement).disabled = !standing.can_redo;
    show("reviewed", reviewed ? this.say.text("reviewed", { who: reviewed.by, at: dayOf(reviewed.at) }) : "");
    show("finish", this.say.text(reviewed ? "reopen" : "finish"));
    this.#last = this.view.current?.index ?? 0;
  }

  /** What is unread or doubtful still, as a sentence; empty where all was read. */
  get #left() {
    const { progress, standing } = this.transcript;
    const unread = progress.turns - progress.checked;
    const facts = [];
    if (unread) facts.push(this.say.count("left_unread", unread));
    if (standing.review.length) facts.push(this.say.count("left_doubts", standing.review.length));
    return facts.join(" · ");
  }

  /** Says that the review is finished, or not after all; asks where something is left. */
  async #finish() {
    this.actions.leave();
    const reviewed = !this.transcript.standing.reviewed;
    await this.wire.through(); // the doubts of turns just read stand until the server has answered
    const left = reviewed ? this.#left : "";
    if (left && !confirm(this.say.text("finish_anyway", { left }))) return;
    const request = { reviewed, in_part: left !== "" };
    try {
      await this.wire.send("/reviewed", () => request, (delta) => (this.transcript.standing.reviewed = delta.reviewed));
      this.#head();
      this.say.aloud(this.say.text(left ? "finished_in_part" : reviewed ? "finished" : "reopened"));
    } catch (error) {
      this.say.aloud(messageOf(error));
    }
  }

  // --- what was left behind ---

  /** @param {NamedDraft[]} drafts */
  #offer(drafts) {
    const place = required(this.document, "#retrouves");
    const template = templateOf(this.document, "#modele-retrouve");
    for (const draft of drafts) {
      const { turns } = this.transcript;
      if (turns.some(({ text }) => text === draft.text.trim())) {
        this.drafts.forget(draft.name);
        continue;
      }
      const line = this.document.importNode(template, true);
      required(line, "q").textContent = draft.text;
      required(line, "[value=take]").addEventListener("click", () => (line.remove(), this.#resume(draft)));
      required(line, "[value=drop]").addEventListener("click", () => {
        this.drafts.forget(draft.name);
        line.remove();
        this.#return();
      });
      place.append(line);
    }
    place.querySelector("button")?.focus();
  }

  /** @param {NamedDraft} draft */
  #resume(draft) {
    const same = this.transcript.turns.filter(({ text }) => text === draft.before);
    /** @param {Turn} turn */
    const near = (turn) => Math.abs(turn.start - draft.start);
    const turn = same.toSorted((a, b) => near(a) - near(b))[0];
    if (turn) {
      this.view.go(turn);
      return this.editor.open(turn, 0, draft);
    }
    const there = this.transcript.turnAtMs(draft.start); // it was changed since: one text must be chosen
    there.draft = draft.name;
    return this.choice.open({ turn: there, start: draft.start, redacted: this.transcript.isRedacted(draft) }, draft.text);
  }
}

/** @param {string} at ISO 8601 */
function dayOf(at) {
  return new Intl.DateTimeFormat("fr", { dateStyle: "long" }).format(momentOf(at));
}

async function begin() {
  document.documentElement.classList.add("js");
  const say = new Say(document);
  const { base = "" } = required(document, "#relecture").dataset;
  const wire = new Wire(base, (state, waiting) => say.state(state, waiting));
  try {
    const review = new Review(document, await wire.ask("/document"), wire, say);
    review.start();
  } catch (error) {
    required(document, "#attente").textContent = say.text("no_document");
    throw error;
  }
}

begin();
