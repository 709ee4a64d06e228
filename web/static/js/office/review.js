// The review of a sitting: fetches it, wires the parts, keeps the head of the page true.

import { Actions } from "./actions.js";
import { Drafts } from "./drafts.js";
import { Editor } from "./editor.js";
import { Edits } from "./edits.js";
import { Keys } from "./keys.js";
import { AlwaysDialog, ConflictDialog, HistoryPanel } from "./panels.js";
import { ReplaceDialog } from "./replace.js";
import { Say } from "./say.js";
import { Sitting } from "./sitting.js";
import { Sound } from "./sound.js";
import { SpeakerDialog } from "./speaker.js";
import { View } from "./view.js";
import { Wire } from "./wire.js";
import { characterAt } from "./words.js";

const MOST_TOLD = 3; // turns of which it is told at once that somebody else changed them

class Review {
  constructor(document, raw, wire, say) {
    Object.assign(this, { document, wire, say });
    this.sitting = new Sitting(raw);
    this.view = new View(document, this.sitting, say);
    this.sound = new Sound(raw.session.has_audio ? document.getElementById("barre") : null);
    if (this.sound.exists) this.sound.load(raw.session);
    this.edits = new Edits(this.sitting, wire, this.view, this);
    this.drafts = new Drafts(raw.session.id);
    const left = (turn, before, text) => this.actions.corrected(before, text);
    this.editor = new Editor(document, this.sitting, this.view, this.edits, this.drafts, say, { left });
    this.actions = new Actions({ ...this, dialogs: this.#dialogs() });
    this.keys = new Keys(document, {
      where: (target) => this.#where(target),
      perform: (action) => this.actions[action](),
      type: (key) => this.editor.type(key),
    });
  }

  #dialogs() {
    const { document, sitting, edits, wire, say, sound } = this;
    const history = new HistoryPanel(document, wire, say);
    this.history = history;
    const settled = (turn, anchor, text) => this.#settle(turn, anchor, text);
    const replaced = (find, by, count) => this.actions.replaced(find, by, count);
    const kept = (term) => say.aloud(say.text("kept", { text: term.text }));
    this.choice = new ConflictDialog(document, sitting, history, say, { settled });
    return {
      history,
      help: document.getElementById("dialogue-aide"),
      speaker: new SpeakerDialog(document, sitting, edits, sound, say),
      replace: new ReplaceDialog(document, sitting, edits, wire, say, { replaced }),
      always: new AlwaysDialog(document, wire, say, { kept }),
    };
  }

  start() {
    this.view.arrange();
    this.#head();
    const { turns } = this.sitting;
    this.view.go(turns.find((turn) => !turn.checked && turn.words.length) ?? turns[0]);
    this.document.getElementById("attente").remove();
    this.document.getElementById("tours").addEventListener("click", (event) => this.#clicked(event));
    this.document.getElementById("tours").addEventListener("dblclick", (event) => this.#clickedTwice(event));
    this.document.addEventListener("click", (event) => this.#pressed(event));
    for (const dialog of this.document.querySelectorAll("dialog")) {
      dialog.addEventListener("close", () => this.#return());
    }
    addEventListener("beforeunload", (event) => this.wire.waiting && event.preventDefault());
    this.#offer(this.drafts.left());
  }

  #return() {
    if (this.document.querySelector("dialog[open]")) return;
    if (this.view.current && !this.editor.isOpen) this.view.go(this.view.current, this.view.word);
  }

  // --- where the keyboard is ---

  #where(target) {
    const dialog = this.document.querySelector("dialog[open]");
    if (dialog) return dialog.id === "dialogue-voix" && target.tagName === "INPUT" ? "speaker" : "dialog";
    if (target.classList.contains("writing")) return "editing";
    if (this.editor.isOpen) return "elsewhere"; // letters are meant for the text, not for the turn
    return target === this.document.body || target.closest("#tours") ? "reading" : "elsewhere";
  }

  // --- the pointer ---

  #clicked(event) {
    const turn = this.view.turnOf(event.target);
    if (!turn || event.target.closest("textarea") || !this.document.getSelection().isCollapsed) return;
    if (this.editor.isOpen && this.editor.turn !== turn) this.actions.leave();
    if (event.target.closest(".who")) return this.actions.jump(turn), this.actions.speaker();
    if (event.target.closest(".clock")) return this.actions.jump(turn), this.actions.replay();
    const word = event.target.closest(".said") ? this.#wordAt(turn, event) : 0;
    this.actions.jump(turn, word);
    if (event.target.closest(".said") && !this.sound.playing) this.actions.listen(turn, word);
    return undefined;
  }

  #clickedTwice(event) {
    const turn = event.target.closest(".said") && this.view.turnOf(event.target);
    if (!turn) return;
    this.view.go(turn, this.#wordAt(turn, event));
    this.sound.pause();
    this.actions.edit();
  }

  #wordAt(turn, { clientX, clientY }) {
    const found = characterAt(this.document, clientX, clientY);
    return found && this.view.said(turn).contains(found.node) ? turn.wordAt(found.offset) : 0;
  }

  /** Buttons do what keys do; the focus goes back to the text, unless the keyboard pressed them. */
  #pressed(event) {
    const button = event.target.closest("[data-action]");
    if (!button) return;
    if (event.detail && !button.closest("dialog")) this.#return();
    if (button.dataset.action === "finish") this.#finish();
    else this.keys.do(button.dataset.action);
  }

  // --- what edits tell ---

  after(found, others) {
    if (!this.view.current) this.#stay();
    if (this.editor.turn?.gone && this.editor.turn.pending === null) this.conflict(this.editor.anchor);
    this.#head();
    this.view.point();
    this.#others(others);
  }

  /** The turn one was at is gone: the one that stands there now. */
  #stay() {
    const { turns } = this.sitting;
    this.view.go(turns[Math.min(this.last, turns.length - 1)], 0, { focus: !this.editor.isOpen });
  }

  /** Somebody else changed something: said quietly, on the turn itself. */
  async #others(turns) {
    for (const turn of turns.slice(0, MOST_TOLD)) {
      const last = await this.history.last(turn).catch(() => null);
      if (!last || turn.gone) continue;
      this.view.note(turn, this.say.text("changed_by", last));
      if (turn === this.view.current) this.say.aloud(this.say.text("changed_by", last));
    }
  }

  conflict(anchor, text) {
    this.choice.open(anchor, this.editor.turn === anchor.turn ? this.editor.drop() : text);
  }

  refused(refusal) {
    this.say.aloud(refusal.message);
  }

  async #settle(turn, anchor, text) {
    this.#return(); // at once: `close` is told later, and the text that had the focus is gone (see conflict)
    if (text === null || (await this.edits.text(anchor, text)) === "saved") this.editor.forget(turn);
    anchor?.release();
  }

  // --- the head ---

  #head() {
    const { progress, overall, canUndo, canRedo, reviewed } = this.sitting;
    const show = (name, text) => (this.document.querySelector(`[data-show=${name}]`).textContent = text);
    const facts = [this.say.text("progress", progress), this.say.count("left", progress.doubtful)];
    if (progress.unnamed) facts.push(this.say.count("unnamed", progress.unnamed));
    show("progress", facts.join(" · "));
    const bar = this.document.getElementById("avancement");
    Object.assign(bar, { max: progress.turns || 1, value: progress.checked });
    show("overall", overall.map(({ reason }) => reason).join(" · "));
    this.document.querySelector("[data-action=undo]").disabled = !canUndo;
    this.document.querySelector("[data-action=redo]").disabled = !canRedo;
    show("reviewed", reviewed ? this.say.text("reviewed", { who: reviewed.by, at: dayOf(reviewed.at) }) : "");
    show("finish", this.say.text(reviewed ? "reopen" : "finish"));
    this.last = this.view.current?.index ?? 0;
  }

  async #finish() {
    this.actions.leave();
    try {
      const wanted = { reviewed: !this.sitting.reviewed };
      const take = ({ reviewed }) => (this.sitting.reviewed = reviewed);
      await this.wire.send("/reviewed", () => wanted, take);
      this.#head();
      this.say.aloud(this.say.text(wanted.reviewed ? "finished" : "reopened"));
    } catch (refusal) {
      this.refused(refusal);
    }
  }

  // --- what was left behind ---

  #offer(drafts) {
    const place = this.document.getElementById("retrouves");
    const mould = this.document.getElementById("modele-retrouve").content.firstElementChild;
    for (const draft of drafts) {
      const { turns } = this.sitting;
      if (turns.some(({ text }) => text === draft.text.trim())) {
        this.drafts.forget(draft.name);
        continue;
      }
      const line = this.document.importNode(mould, true);
      line.querySelector("q").textContent = draft.text;
      line.querySelector("[value=take]").addEventListener("click", () => (line.remove(), this.#resume(draft)));
      line.querySelector("[value=drop]").addEventListener("click", () => {
        this.drafts.forget(draft.name);
        line.remove();
        this.#return();
      });
      place.append(line);
    }
    place.querySelector("button")?.focus();
  }

  #resume(draft) {
    const same = this.sitting.turns.filter(({ text }) => text === draft.before);
    const near = (turn) => Math.abs(turn.start - draft.start);
    const turn = same.sort((a, b) => near(a) - near(b))[0];
    if (turn) {
      this.view.go(turn);
      return this.editor.open(turn, 0, draft);
    }
    const there = this.sitting.turnAtMs(draft.start); // it was changed since: one text must be chosen
    there.draft = draft.name;
    return this.choice.open({ turn: there, start: draft.start, closed: this.sitting.isClosed(draft) }, draft.text);
  }
}

function dayOf(at) {
  const utc = /Z|[+-]\d\d:\d\d$/.test(at) ? at : `${at}Z`;
  return new Intl.DateTimeFormat("fr", { dateStyle: "long" }).format(new Date(utc));
}

async function begin() {
  document.documentElement.classList.add("js");
  const say = new Say(document);
  const wire = new Wire(document.getElementById("relecture").dataset.base, (state, waiting) => say.state(state, waiting));
  try {
    const review = new Review(document, await wire.ask("/document"), wire, say);
    review.start();
  } catch (error) {
    document.getElementById("attente").textContent = say.text("no_document");
    throw error;
  }
}

begin();
