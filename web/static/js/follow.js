// On a session's page: plays from any time stamp, follows the turn that plays and lights up its word.
// Words' times come from the transcript, fetched when playback starts; words are not elements.

const PATIENCE_MS = 5000; // how long a reader who scrolls is left alone

export function followSession(document, player) {
  const sitting = document.getElementById("seance");
  if (sitting) new Follower(document, sitting, player);
}

class Follower {
  #document;
  #sitting;
  #words = null; // turn index -> [[start, end, text, confidence], ...]
  #fetching = false;
  #turns; // [{element, start, end}] in order; a turn is in parts where a point of the agenda begins
  #current = null;
  #scrolledAt = -Infinity;
  #lit = null;

  constructor(document, sitting, player) {
    this.#document = document;
    this.#sitting = sitting;
    this.#turns = [...document.querySelectorAll("[data-turn]")].map((element) => ({
      element,
      start: Number(element.dataset.start),
      end: Number(element.dataset.end),
    }));
    document.addEventListener("click", (event) => this.#playFrom(event, player));
    player.element.addEventListener("player:state", ({ detail }) => this.#state(detail));
    player.element.addEventListener("player:time", ({ detail }) => this.#time(detail));
    for (const gesture of ["wheel", "touchmove", "keydown"]) {
      addEventListener(gesture, () => (this.#scrolledAt = performance.now()), { passive: true });
    }
  }

  #playFrom(event, player) {
    const link = event.target.closest("[data-from]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const { session, title, page, opus, mp3 } = this.#sitting.dataset;
    const start = Number(link.dataset.from);
    const label = link.closest("[data-turn]")?.dataset.label ?? "";
    this.#scrolledAt = -Infinity;
    player.play({ session, start, end: null, label, place: title, page, opus, mp3 });
  }

  async #state({ clip, playing }) {
    const { session, transcript } = this.#sitting.dataset;
    if (!playing || clip.session !== session || this.#words || this.#fetching) return;
    this.#fetching = true;
    try {
      const response = await fetch(transcript);
      if (!response.ok) return; // words stay unlit; the next start of playback tries again
      const { turns } = await response.json();
      this.#words = new Map(turns.map((turn) => [turn.index, turn.words]));
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error; // off line, or cut short
    } finally {
      this.#fetching = false;
    }
  }

  #time({ session, ms }) {
    if (session !== this.#sitting.dataset.session) return;
    const turn = this.#turnAt(ms);
    if (turn !== this.#current) this.#enter(turn);
    this.#light(turn, ms);
  }

  #turnAt(ms) {
    let low = 0;
    let high = this.#turns.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#turns[middle].end <= ms) low = middle + 1;
      else high = middle;
    }
    const turn = this.#turns[low];
    return turn && turn.start <= ms ? turn : null;
  }

  #enter(turn) {
    this.#current?.element.classList.remove("spoken");
    this.#current = turn;
    if (!turn) return;
    turn.element.classList.add("spoken");
    if (performance.now() - this.#scrolledAt < PATIENCE_MS) return;
    const { top, bottom } = turn.element.getBoundingClientRect();
    if (top > 80 && bottom < innerHeight - 160) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    turn.element.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }

  #light(turn, ms) {
    if (!CSS.highlights) return;
    const words = turn && this.#wordsOf(turn.element);
    const found = words ? words.findIndex(([start, end]) => start <= ms && ms < end) : -1;
    const key = found < 0 ? null : `${turn.element.id} ${found}`;
    if (key === this.#lit) return;
    this.#lit = key;
    if (key === null) CSS.highlights.delete("spoken");
    else CSS.highlights.set("spoken", new Highlight(this.#rangeOf(turn.element, words, found)));
  }

  #wordsOf(element) {
    const { turn, firstWord } = element.dataset;
    return this.#words?.get(Number(turn))?.slice(Number(firstWord));
  }

  /** Where a word stands in the turn's text: words are joined by one space. */
  #rangeOf(element, words, index) {
    const before = words.slice(0, index).reduce((sum, [, , text]) => sum + text.length + 1, 0);
    const range = this.#document.createRange();
    const said = element.querySelector(".said");
    range.setStart(...place(said, before));
    range.setEnd(...place(said, before + words[index][2].length));
    return range;
  }
}

/** The text node and offset of a character of an element, whatever elements lie within. */
function place(element, at) {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  let left = at;
  while (left > node.length && walker.nextNode()) {
    left -= node.length;
    node = walker.currentNode;
  }
  return [node, Math.min(left, node.length)];
}
