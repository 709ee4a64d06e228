// The sitting as the page knows it: turns, voices, what is doubtful, and what a delta makes of them.
// Knows nothing of the page nor of the network. A turn keeps its identity while others come and go.

/** One turn. `words` are [start_ms, end_ms, text, confidence, heard]; its text is joined by spaces. */
export class Turn {
  pending = null; // a text that the clerk wrote and the server has not confirmed: it is shown meanwhile
  wanted = null; // the same of a check
  gone = false; // is it in the sitting no more?
  draft = null; // the name under which a text that is not saved is kept (drafts.js)

  constructor(raw) {
    this.sure = Boolean(raw.checked);
    this.take(raw);
  }

  get checked() {
    return this.wanted ?? this.sure;
  }

  /** Becomes what the server says. Returns whether its words or its voice are others than before. */
  take(raw) {
    const before = this.known;
    Object.assign(this, { index: raw.index, revision: raw.revision, speaker: raw.speaker, words: raw.words });
    this.given = raw.words;
    this.measure();
    this.known = `${this.speaker}\n${this.text}`;
    if (this.pending !== null && this.pending !== this.text) this.retype(this.pending);
    return before !== this.known;
  }

  /** Back to what the server said last. */
  restore() {
    this.words = this.given;
    this.measure();
    if (this.pending !== null) this.retype(this.pending);
  }

  /** Does the server have that text here already? Some spaces it makes no-break. */
  says(text) {
    const plain = (one) => one.normalize("NFC").replace(/\s+/g, " ").trim();
    return plain(this.gone ? "" : this.given.map(([, , word]) => word).join(" ")) === plain(text);
  }

  measure() {
    this.start = this.words.at(0)?.[0] ?? 0;
    this.end = this.words.at(-1)?.[1] ?? this.start;
    this.text = this.words.map(([, , text]) => text).join(" ");
    this.places = null;
  }

  /** Where each word begins in the text. */
  get offsets() {
    if (this.places) return this.places;
    let at = 0;
    this.places = this.words.map(([, , text]) => {
      const here = at;
      at += text.length + 1;
      return here;
    });
    return this.places;
  }

  /** The word at a character of the text. */
  wordAt(offset) {
    return Math.max(0, lastBelow(this.offsets, (start) => start <= offset));
  }

  /** The word that is said at a moment, or the last one before it. */
  wordAtMs(ms) {
    return Math.max(0, lastBelow(this.words, ([start]) => start <= ms));
  }

  /** Shows a text that the server does not know yet: its words share the time of those they replace. */
  retype(text) {
    const parts = text.split(/ +/).filter(Boolean);
    const { words } = this;
    let head = 0;
    while (head < Math.min(parts.length, words.length) && parts[head] === words[head][2]) head++;
    let tail = 0;
    const left = () => Math.min(parts.length, words.length) - head;
    while (tail < left() && parts.at(-1 - tail) === words.at(-1 - tail)[2]) tail++;
    const gone = words.slice(head, words.length - tail);
    const start = gone.at(0)?.[0] ?? words.at(head - 1)?.[1] ?? this.start;
    const end = gone.at(-1)?.[1] ?? start;
    const fresh = parts.slice(head, parts.length - tail);
    const each = (end - start) / Math.max(1, fresh.length);
    const timed = fresh.map((part, n) => [start + n * each, start + (n + 1) * each, part, 1, null]);
    this.words = [...words.slice(0, head), ...timed, ...words.slice(words.length - tail)];
    this.measure();
  }
}

/** Index of the last element that fits, of those that fit first; -1 if none does. */
function lastBelow(list, fits) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const LONG_MS = 600_000; // a doubt about ten minutes and more is about the sitting, not a place in it

export class Sitting {
  constructor(raw) {
    const { session, people, agenda, terms, turns, doubtful_below: below } = raw;
    Object.assign(this, { session, people, agenda, terms, below, anchors: new Set() });
    this.turns = turns.map((turn) => new Turn(turn));
    this.#follow(raw);
  }

  #follow(raw) {
    this.revision = raw.revision;
    this.closed = raw.closed;
    this.unheard = raw.unheard;
    this.voices = new Map(raw.speakers.map((voice) => [voice.label, voice]));
    this.review = raw.review;
    this.canUndo = raw.can_undo;
    this.canRedo = raw.can_redo;
    this.reviewed = raw.reviewed;
    this.turns.forEach((turn, index) => (turn.index = index));
    this.#count();
  }

  /**
   * Takes a delta in. Returns the turns that say something else now, and the first one touched. `own` is
   * the turn that the clerk's own edit was made on: later edits of it were made with that one in sight.
   */
  apply(delta, own = null) {
    const altered = new Set();
    const retimed = new Set();
    for (const { first, removed, turns } of delta.splices) {
      const old = this.turns.slice(first, first + removed);
      const fresh = turns.map((raw, n) => this.#renew(old[n], raw, altered, retimed));
      old.slice(turns.length).forEach((turn) => (turn.gone = true));
      this.turns.splice(first, removed, ...fresh);
    }
    if (String(delta.closed) !== String(this.closed)) this.turns.forEach((turn) => retimed.add(turn)); // told between them
    this.#follow(delta);
    const checked = new Set(delta.checked);
    for (const turn of this.turns) turn.sure = checked.has(turn.index);
    for (const anchor of this.anchors) anchor.follow(anchor.turn !== own && altered.has(anchor.turn));
    return { altered, retimed, first: this.turns[delta.splices[0]?.first] ?? null };
  }

  #renew(turn, raw, altered, retimed) {
    if (!turn) {
      const added = new Turn(raw);
      altered.add(added);
      return added;
    }
    (turn.take(raw) ? altered : retimed).add(turn);
    return turn;
  }

  /** What an edit of a turn is made upon, kept until it has been sent. */
  anchor(turn) {
    const anchor = new Anchor(this, turn);
    this.anchors.add(anchor);
    return anchor;
  }

  /** What a turn says is what the clerk wrote there: edits to come are made upon it. */
  renew(turn) {
    for (const anchor of this.anchors) if (anchor.turn === turn) anchor.renew();
  }

  // --- voices ---

  voice(turn) {
    return this.voices.get(turn.speaker) ?? null;
  }

  /** Is nobody named here? A text without sound has paragraphs that nobody says. */
  unnamed(turn) {
    return this.session.has_audio && !this.voice(turn)?.person;
  }

  turnsOf(label) {
    return this.turns.filter((turn) => turn.speaker === label);
  }

  // --- what is doubtful ---

  #count() {
    this.inDoubt = new Map();
    this.overall = this.review.filter((item) => item.end_ms - item.start_ms >= LONG_MS);
    for (const item of this.review) {
      if (this.overall.includes(item)) continue;
      for (const turn of this.#during(item.start_ms, item.end_ms)) {
        this.inDoubt.set(turn, [...(this.inDoubt.get(turn) ?? []), item]);
      }
    }
  }

  #during(start, end) {
    const from = Math.max(0, lastBelow(this.turns, (turn) => turn.start <= start));
    const found = [];
    for (let n = from; n < this.turns.length && this.turns[n].start < end; n++) {
      if (this.turns[n].end > start) found.push(this.turns[n]);
    }
    return found;
  }

  reasons(turn) {
    return turn.checked ? [] : (this.inDoubt.get(turn) ?? []);
  }

  /** The places of a turn's doubtful words: none once somebody has checked it. */
  doubtful(turn) {
    if (turn.checked) return [];
    const found = [];
    for (let n = 0; n < turn.words.length; n++) if (turn.words[n][3] < this.below) found.push(n);
    return found;
  }

  /** Where to stop in a turn: at each run of doubtful words, and where a stretch to hear again begins. */
  stops(turn) {
    const doubtful = this.doubtful(turn);
    const runs = doubtful.filter((word, n) => doubtful[n - 1] !== word - 1);
    const heard = this.reasons(turn).map((item) => turn.wordAtMs(Math.max(turn.start, item.start_ms)));
    return [...new Set([...runs, ...heard.filter((word) => !doubtful.includes(word))])].sort((a, b) => a - b);
  }

  isClosed(turn) {
    return this.closed.some(([start, end]) => turn.start < end && start < turn.end);
  }

  get progress() {
    const spoken = this.turns.filter((turn) => turn.words.length);
    return {
      turns: spoken.length,
      checked: spoken.filter((turn) => turn.checked).length,
      doubtful: spoken.reduce((sum, turn) => sum + this.doubtful(turn).length, 0),
      unnamed: new Set(spoken.filter((turn) => this.unnamed(turn)).map((turn) => turn.speaker)).size,
    };
  }

  /** The turn at a moment: the one that is being said, or the last before it. */
  turnAtMs(ms) {
    return this.turns[Math.max(0, lastBelow(this.turns, (turn) => turn.start <= ms))] ?? null;
  }
}

/** The turn of an edit and the revision that it was made upon. Others' changes to it are not taken in. */
class Anchor {
  constructor(sitting, turn) {
    Object.assign(this, { sitting, turn });
    this.renew();
  }

  renew() {
    this.stale = false;
    this.base = this.sitting.revision;
    this.index = this.turn.index;
    this.start = this.turn.start;
    this.end = this.turn.end;
    this.before = new Set(this.sitting.closed.map(String));
  }

  /** Was something taken out since of what the turn said? */
  get closed() {
    const since = this.sitting.closed.filter((span) => !this.before.has(String(span)));
    return since.some(([start, end]) => this.start < end && start < this.end);
  }

  follow(altered) {
    if (this.turn.gone || altered) this.stale = true;
    if (!this.stale) this.renew();
  }

  release() {
    this.sitting.anchors.delete(this);
  }
}
