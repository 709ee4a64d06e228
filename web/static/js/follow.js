// On a session's page: plays from any time stamp, follows the turn that plays and lights up its word.
// Words' times come from the transcript, fetched when playback starts; words are not elements.
import { all, closest, lastFitting, required, scrolling } from "./page.js";

/** @import { Clip, Player } from "./player.js" */
/** @typedef {[start: number, end: number, text: string, ...rest: unknown[]]} Word */
/** @typedef {{ element: HTMLElement, start: number, end: number }} Block */

const PATIENCE_MS = 5000; // how long a reader who scrolls is left alone
const HEAD_PX = 80; // a turn is in sight that is not nearer than this to the window's top,
const FOOT_PX = 160; // nor than this to its foot, where the player stands

/**
 * @param {Document} document
 * @param {Player} player
 */
export function followSession(document, player) {
  const session = document.getElementById("seance");
  if (session) new Follower(document, session).follow(player);
}

/**
 * The block that is spoken at a moment, or null in a pause.
 * @template {{ start: number, end: number }} T
 * @param {T[]} blocks in order of time
 * @param {number} ms
 */
export function blockAt(blocks, ms) {
  const block = blocks[lastFitting(blocks, ({ end }) => end <= ms) + 1];
  return block && block.start <= ms ? block : null;
}

/**
 * The place of the word that is spoken at a moment; -1 in a pause.
 * @param {Word[]} words
 * @param {number} ms
 */
export function spokenWord(words, ms) {
  return words.findIndex(([start, end]) => start <= ms && ms < end);
}

/**
 * Where a word stands in its block's text, as characters: words are joined by one space.
 * @param {Word[]} words
 * @param {number} index
 */
export function charactersOf(words, index) {
  const start = words.slice(0, index).reduce((sum, [, , text]) => sum + text.length + 1, 0);
  return { start, end: start + words[index][2].length };
}

class Follower {
  #document;
  #session;
  #words = /** @type {Map<number, Word[]> | null} */ (null); // by the number of their turn
  #fetching = false;
  #blocks; // in order; a turn is in several where a point of the agenda begins
  #current = /** @type {Block | null} */ (null);
  #scrolledAt = -Infinity;
  #lit = /** @type {string | null} */ (null);

  /**
   * @param {Document} document
   * @param {HTMLElement} session
   */
  constructor(document, session) {
    this.#document = document;
    this.#session = session;
    this.#blocks = all(document, "[data-turn]").map((element) => ({
      element,
      start: Number(element.dataset.start),
      end: Number(element.dataset.end),
    }));
  }

  /** @param {Player} player */
  follow(player) {
    this.#document.addEventListener("click", (event) => this.#playFrom(event, player));
    player.element.addEventListener("player:state", (event) => this.#state(/** @type {CustomEvent} */ (event).detail));
    player.element.addEventListener("player:time", (event) => this.#time(/** @type {CustomEvent} */ (event).detail));
    for (const gesture of ["wheel", "touchmove", "keydown"]) {
      addEventListener(gesture, () => (this.#scrolledAt = performance.now()), { passive: true });
    }
  }

  /**
   * @param {MouseEvent} event
   * @param {Player} player
   */
  #playFrom(event, player) {
    const link = closest(event, "[data-from]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const { session = "", title = "", page = "", opus = "", mp3 = "" } = this.#session.dataset;
    const start = Number(link.dataset.from);
    const turn = /** @type {HTMLElement | null} */ (link.closest("[data-turn]"));
    this.#scrolledAt = -Infinity;
    player.play({ session, start, end: null, label: turn?.dataset.label ?? "", place: title, page, opus, mp3 });
  }

  /** @param {{ clip: Clip, playing: boolean }} state */
  async #state({ clip, playing }) {
    const { session, transcript = "" } = this.#session.dataset;
    if (!playing || clip.session !== session || this.#words || this.#fetching) return;
    this.#fetching = true;
    try {
      const response = await fetch(transcript);
      if (!response.ok) return; // words stay unlit; the next start of playback tries again
      /** @type {{ turns: { index: number, words: Word[] }[] }} */
      const { turns } = await response.json();
      this.#words = new Map(turns.map((turn) => [turn.index, turn.words]));
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error; // off line, or cut short
    } finally {
      this.#fetching = false;
    }
  }

  /** @param {{ session: string, ms: number }} moment */
  #time({ session, ms }) {
    if (session !== this.#session.dataset.session) return;
    const block = blockAt(this.#blocks, ms);
    if (block !== this.#current) this.#enter(block);
    this.#light(block, ms);
  }

  /** @param {Block | null} block */
  #enter(block) {
    this.#current?.element.classList.remove("spoken");
    this.#current = block;
    if (!block) return;
    block.element.classList.add("spoken");
    if (performance.now() - this.#scrolledAt < PATIENCE_MS) return;
    const { top, bottom } = block.element.getBoundingClientRect();
    if (top > HEAD_PX && bottom < innerHeight - FOOT_PX) return;
    block.element.scrollIntoView({ block: "center", behavior: scrolling() });
  }

  /**
   * @param {Block | null} block
   * @param {number} ms
   */
  #light(block, ms) {
    if (!CSS.highlights) return;
    const words = block && this.#wordsOf(block.element);
    const word = words ? spokenWord(words, ms) : -1;
    const key = block && words && word >= 0 ? `${block.element.id} ${word}` : null;
    if (key === this.#lit) return;
    this.#lit = key;
    if (!block || !words || word < 0) CSS.highlights.delete("spoken");
    else CSS.highlights.set("spoken", new Highlight(this.#rangeOf(block.element, words, word)));
  }

  /** @param {HTMLElement} element */
  #wordsOf(element) {
    const { turn, firstWord } = element.dataset;
    return this.#words?.get(Number(turn))?.slice(Number(firstWord));
  }

  /**
   * @param {HTMLElement} element
   * @param {Word[]} words
   * @param {number} index
   */
  #rangeOf(element, words, index) {
    const { start, end } = charactersOf(words, index);
    const range = this.#document.createRange();
    const text = required(element, ".said");
    range.setStart(...place(text, start));
    range.setEnd(...place(text, end));
    return range;
  }
}

/**
 * The text node and offset of a character of an element, whatever elements lie within.
 * @param {HTMLElement} element
 * @param {number} at
 * @returns {[Text, number]}
 */
function place(element, at) {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let node = /** @type {Text} */ (walker.nextNode());
  let left = at;
  while (left > node.length && walker.nextNode()) {
    left -= node.length;
    node = /** @type {Text} */ (walker.currentNode);
  }
  return [node, Math.min(left, node.length)];
}
