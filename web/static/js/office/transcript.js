// The transcript as the page knows it: turns, voices, what is doubtful, and what a delta makes of them.
// Knows nothing of the page nor of the network. A turn keeps its identity while others come and go.

import { lastFitting } from "../page.js";

// What the server sends (api/changes_views.py). Times are milliseconds; a span is [start, end].
/** @typedef {[start: number, end: number, text: string, confidence: number, heard: string | null]} Word */
/** @typedef {[start: number, end: number]} Span */
/** @typedef {{ index: number, revision: number, speaker: string | null, words: Word[], checked?: boolean }} RawTurn */
/** @typedef {{ label: string, person: string | null, shown: string, reason: string | null }} Voice */
/** @typedef {{ start_ms: number, end_ms: number, doubt: string, reason: string }} Doubt */
/** @typedef {{ number: string, title: string, start_ms: number | null }} AgendaItem */
/** @typedef {{ first: number, removed: number, turns: RawTurn[] }} Splice */
/**
 * @typedef {{
 *   id: string, duration_ms: number, has_audio: boolean, is_recorded: boolean, audio_opus: string | null, audio_mp3: string | null,
 * }} SessionFacts
 */
/**
 * What goes with the turns in every answer.
 * @typedef {{
 *   revision: number, closed: Span[], withheld: Span[], unheard: Span[], speakers: Voice[],
 *   review: Doubt[], likely_errors: number | null,
 *   reviewed: { by: string, at: string } | null, can_undo: boolean, can_redo: boolean,
 * }} Standing
 */
/** @typedef {Standing & { splices: Splice[], own: string[], checked: number[] }} Delta */
/**
 * @typedef {Standing & {
 *   session: SessionFacts, people: string[], agenda: AgendaItem[], turns: RawTurn[], doubtful_below: number,
 * }} RawTranscript
 */
/** @typedef {{ altered: Set<Turn>, retimed: Set<Turn>, first: Turn | null }} Changed what a delta did */

/**
 * Text with plain spaces.
 * @param {string} text
 */
const plain = (text) => text.normalize("NFC").replace(/\s+/g, " ").trim();

/** One turn; its text is its words joined by spaces. */
export class Turn {
  /** @type {string | null} a text that the clerk wrote and the server has not confirmed: it is shown meanwhile */
  pending = null;
  /** @type {boolean | null} the same of a check */
  wanted = null;
  gone = false; // is it in the transcript no more?
  /** @type {string | null} the name under which a text that is not saved is kept (drafts.js) */
  draft = null;
  index = 0;
  revision = 0;
  /** @type {string | null} the label of a voice */
  speaker = null;
  /** @type {Word[]} as they are shown */
  words = [];
  start = 0;
  end = 0;
  text = "";
  /** @type {Word[]} as the server gave them last */
  #given = [];
  /** @type {string | null} voice and text as the server gave them last */
  #known = null;
  /** @type {number[] | null} */
  #offsets = null;

  /** @param {RawTurn} raw */
  constructor(raw) {
    this.confirmed = Boolean(raw.checked); // what the server knows of a check
    this.take(raw);
  }

  get checked() {
    return this.wanted ?? this.confirmed;
  }

  /**
   * Becomes what the server says. Returns whether its words or its voice are others than before.
   * @param {RawTurn} raw
   */
  take(raw) {
    const before = this.#known;
    this.index = raw.index;
    this.revision = raw.revision;
    this.speaker = raw.speaker;
    this.words = this.#given = raw.words;
    this.measure();
    this.#known = `${this.speaker}\n${this.text}`;
    if (this.pending !== null && this.pending !== this.text) this.retype(this.pending);
    return before !== this.#known;
  }

  /** Back to what the server said last. */
  restore() {
    this.words = this.#given;
    this.measure();
    if (this.pending !== null) this.retype(this.pending);
  }

  /**
   * Does the server have that text here already? Some spaces it makes no-break.
   * @param {string} text
   */
  says(text) {
    return plain(this.gone ? "" : this.#given.map(([, , word]) => word).join(" ")) === plain(text);
  }

  measure() {
    this.start = this.words.at(0)?.[0] ?? 0;
    this.end = this.words.at(-1)?.[1] ?? this.start;
    this.text = this.words.map(([, , text]) => text).join(" ");
    this.#offsets = null;
  }

  /** Where each word begins in the text. */
  get offsets() {
    if (this.#offsets) return this.#offsets;
    let at = 0;
    this.#offsets = this.words.map(([, , text]) => {
      const here = at;
      at += text.length + 1;
      return here;
    });
    return this.#offsets;
  }

  /**
   * The word at a character of the text.
   * @param {number} offset
   */
  wordAt(offset) {
    return Math.max(0, lastFitting(this.offsets, (start) => start <= offset));
  }

  /**
   * The word that is said at a moment, or the last one before it.
   * @param {number} ms
   */
  wordAtMs(ms) {
    return Math.max(0, lastFitting(this.words, ([start]) => start <= ms));
  }

  /**
   * Shows a text that the server does not know yet: its words share the time of those they replace.
   * @param {string} text
   */
  retype(text) {
    const parts = text.split(/ +/).filter(Boolean);
    const { words } = this;
    let head = 0;
    while (head < Math.min(parts.length, words.length) && parts[head] === words[head][2]) head++;
    let tail = 0;
    const left = () => Math.min(parts.length, words.length) - head;
    while (tail < left() && parts[parts.length - 1 - tail] === words[words.length - 1 - tail][2]) tail++;
    const gone = words.slice(head, words.length - tail);
    const start = gone.at(0)?.[0] ?? words.at(head - 1)?.[1] ?? this.start;
    const end = gone.at(-1)?.[1] ?? start;
    const fresh = parts.slice(head, parts.length - tail);
    const each = (end - start) / Math.max(1, fresh.length);
    /** @type {Word[]} */
    const timed = fresh.map((part, n) => [start + n * each, start + (n + 1) * each, part, 1, null]);
    this.words = [...words.slice(0, head), ...timed, ...words.slice(words.length - tail)];
    this.measure();
  }
}

const LONG_MS = 600_000; // a doubt about ten minutes and more is about the session, not a place in it

export class Transcript {
  /** @type {Set<Anchor>} */
  anchors = new Set();
  /** @type {Map<Turn, Doubt[]>} */
  #inDoubt = new Map();
  /** @type {Doubt[]} what is doubtful of the session as a whole */
  overall = [];

  /** @param {RawTranscript} raw */
  constructor(raw) {
    this.session = raw.session;
    this.people = raw.people;
    this.agenda = raw.agenda;
    this.below = raw.doubtful_below; // the confidence under which a word is doubtful
    this.turns = raw.turns.map((turn) => new Turn(turn));
    /** @type {Standing} */
    this.standing = raw;
    /** @type {Map<string, Voice>} */
    this.voices = new Map();
    this.#follow(raw);
  }

  get revision() {
    return this.standing.revision;
  }

  /** @param {Standing} standing */
  #follow(standing) {
    this.standing = standing;
    this.voices = new Map(standing.speakers.map((voice) => [voice.label, voice]));
    this.turns.forEach((turn, index) => (turn.index = index));
    this.#spreadDoubts();
  }

  /**
   * Takes a delta in.
   * @param {Delta} delta
   * @param {Turn | null} own the turn that the clerk's own edit was made on: later edits of it were made with
   *   that one in sight
   * @returns {Changed} the turns that say something else now, and the first one touched
   */
  apply(delta, own = null) {
    /** @type {Set<Turn>} */
    const altered = new Set();
    /** @type {Set<Turn>} */
    const retimed = new Set();
    for (const { first, removed, turns } of delta.splices) {
      const old = this.turns.slice(first, first + removed);
      const fresh = turns.map((raw, n) => this.#renew(old[n], raw, altered, retimed));
      old.slice(turns.length).forEach((turn) => (turn.gone = true));
      this.turns.splice(first, removed, ...fresh);
    }
    // A redaction is shown between turns: all are drawn again.
    if (String(delta.closed) !== String(this.standing.closed)) this.turns.forEach((turn) => retimed.add(turn));
    this.#follow(delta);
    const checked = new Set(delta.checked);
    for (const turn of this.turns) turn.confirmed = checked.has(turn.index);
    for (const anchor of this.anchors) anchor.follow(anchor.turn !== own && altered.has(anchor.turn));
    return { altered, retimed, first: this.turns[delta.splices[0]?.first] ?? null };
  }

  /**
   * @param {Turn | undefined} turn
   * @param {RawTurn} raw
   * @param {Set<Turn>} altered
   * @param {Set<Turn>} retimed
   */
  #renew(turn, raw, altered, retimed) {
    if (!turn) {
      const added = new Turn(raw);
      altered.add(added);
      return added;
    }
    (turn.take(raw) ? altered : retimed).add(turn);
    return turn;
  }

  /**
   * What an edit of a turn is made upon, kept until it has been sent.
   * @param {Turn} turn
   */
  anchor(turn) {
    const anchor = new Anchor(this, turn);
    this.anchors.add(anchor);
    return anchor;
  }

  /**
   * What a turn says is what the clerk wrote there: edits to come are made upon it.
   * @param {Turn} turn
   */
  renew(turn) {
    for (const anchor of this.anchors) if (anchor.turn === turn) anchor.renew();
  }

  // --- voices ---

  /** @param {Turn} turn */
  voice(turn) {
    return turn.speaker === null ? null : (this.voices.get(turn.speaker) ?? null);
  }

  /**
   * Does the turn lack a name? A text without sound has paragraphs that are not spoken.
   * @param {Turn} turn
   */
  unnamed(turn) {
    return this.session.is_recorded && !this.voice(turn)?.person;
  }

  /** @param {string} label */
  turnsOf(label) {
    return this.turns.filter((turn) => turn.speaker === label);
  }

  // --- what is doubtful ---

  #spreadDoubts() {
    this.#inDoubt = new Map();
    const { review } = this.standing;
    this.overall = review.filter((doubt) => doubt.end_ms - doubt.start_ms >= LONG_MS);
    for (const doubt of review) {
      if (this.overall.includes(doubt)) continue;
      for (const turn of this.#during(doubt.start_ms, doubt.end_ms)) {
        this.#inDoubt.set(turn, [...(this.#inDoubt.get(turn) ?? []), doubt]);
      }
    }
  }

  /**
   * The turns that a stretch touches; of a pause, as where a file is damaged, the turn before it.
   * @param {number} start
   * @param {number} end
   */
  #during(start, end) {
    const from = Math.max(0, lastFitting(this.turns, (turn) => turn.start <= start));
    /** @type {Turn[]} */
    const turns = [];
    for (let n = from; n < this.turns.length && this.turns[n].start < end; n++) {
      if (this.turns[n].end > start) turns.push(this.turns[n]);
    }
    return turns.length ? turns : this.turns.slice(from, from + 1);
  }

  /**
   * What is doubtful about a turn: none of it once it was checked.
   * @param {Turn} turn
   */
  #doubts(turn) {
    return turn.checked ? [] : (this.#inDoubt.get(turn) ?? []);
  }

  /**
   * The doubts that are told below a turn: those about its words are marked in it.
   * @param {Turn} turn
   */
  reasons(turn) {
    return this.#doubts(turn).filter(({ doubt }) => doubt !== "word");
  }

  /**
   * The places of a turn's doubtful words: none once it was checked.
   * @param {Turn} turn
   */
  doubtful(turn) {
    if (turn.checked) return [];
    /** @type {number[]} */
    const places = [];
    for (let n = 0; n < turn.words.length; n++) if (turn.words[n][3] < this.below) places.push(n);
    return places;
  }

  /**
   * The run of doubtful words around a word: the first and the last of them; the word alone if it is not doubtful.
   * @param {Turn} turn
   * @param {number} word
   * @returns {[first: number, last: number]}
   */
  runAt(turn, word) {
    const doubtful = new Set(this.doubtful(turn));
    let [first, last] = [word, word];
    while (doubtful.has(word) && doubtful.has(first - 1)) first--;
    while (doubtful.has(word) && doubtful.has(last + 1)) last++;
    return [first, last];
  }

  /**
   * Where to stop in a turn: where each of its doubts begins.
   * @param {Turn} turn
   */
  stops(turn) {
    const words = this.#doubts(turn).map((item) => turn.wordAtMs(Math.max(turn.start, item.start_ms)));
    return [...new Set(words)].toSorted((a, b) => a - b);
  }

  /**
   * Does a redaction touch a turn, or the place of one?
   * @param {{ start: number, end: number }} place
   */
  isRedacted(place) {
    return this.standing.closed.some((span) => overlaps(place, span));
  }

  get progress() {
    const spoken = this.turns.filter((turn) => turn.words.length);
    return {
      turns: spoken.length,
      checked: spoken.filter((turn) => turn.checked).length,
      unnamed: new Set(spoken.filter((turn) => this.unnamed(turn)).map((turn) => turn.speaker)).size,
    };
  }

  /**
   * The turn at a moment: the one that is being said, or the last before it.
   * @param {number} ms
   */
  turnAtMs(ms) {
    return this.turns[Math.max(0, lastFitting(this.turns, (turn) => turn.start <= ms))] ?? null;
  }
}

/**
 * @param {{ start: number, end: number }} place
 * @param {Span} span
 */
function overlaps(place, [start, end]) {
  return place.start < end && start < place.end;
}

/** The turn of an edit and the revision that it was made upon. Others' changes to it are not taken in. */
export class Anchor {
  #transcript;
  #stale = false;
  base = 0;
  index = 0;
  start = 0;
  end = 0;
  /** @type {Set<string>} */
  #redactions = new Set();

  /**
   * @param {Transcript} transcript
   * @param {Turn} turn
   */
  constructor(transcript, turn) {
    this.#transcript = transcript;
    this.turn = turn;
    this.renew();
  }

  renew() {
    this.#stale = false;
    this.base = this.#transcript.revision;
    this.index = this.turn.index;
    this.start = this.turn.start;
    this.end = this.turn.end;
    this.#redactions = new Set(this.#transcript.standing.closed.map(String));
  }

  /** Was some of what the turn said redacted since? */
  get redacted() {
    const since = this.#transcript.standing.closed.filter((span) => !this.#redactions.has(String(span)));
    return since.some((span) => overlaps(this, span));
  }

  /**
   * Moves on with the transcript, until its turn says something else.
   * @param {boolean} altered
   */
  follow(altered) {
    if (this.turn.gone || altered) this.#stale = true;
    if (!this.#stale) this.renew();
  }

  release() {
    this.#transcript.anchors.delete(this);
  }
}
