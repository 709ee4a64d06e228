// The words of a session's page: their times, from the transcript, and where they stand in the page's text.
// Words are not elements: a turn's text is its words joined by one space. Knows nothing of sound.
import { required } from "./page.js";

/** @typedef {[start: number, end: number, text: string, ...rest: unknown[]]} Word */

export class SpokenWords {
  #session;
  #words = /** @type {Map<number, Word[]> | null} */ (null); // by the number of their turn
  #coming = /** @type {Promise<void> | null} */ (null);

  /** @param {HTMLElement} session that of the page, which names its transcript */
  constructor(session) {
    this.#session = session;
  }

  /** Fetches the words, once. Where they do not come, none are known, and the next call tries again. */
  async load() {
    this.#coming ??= this.#fetch().finally(() => (this.#coming = null));
    await this.#coming;
  }

  async #fetch() {
    if (this.#words) return;
    try {
      const response = await fetch(this.#session.dataset.transcript ?? "");
      if (!response.ok) return;
      /** @type {{ turns: { index: number, words: Word[] }[] }} */
      const { turns } = await response.json();
      this.#words = new Map(turns.map((turn) => [turn.index, turn.words]));
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof SyntaxError)) throw error; // off line, or cut short
    }
  }

  /**
   * The words of an element of the page, which holds a turn or the end of one.
   * @param {HTMLElement} element
   */
  of(element) {
    const { turn, firstWord } = element.dataset;
    return this.#words?.get(Number(turn))?.slice(Number(firstWord));
  }
}

/**
 * Where a word stands in its turn's text, as characters.
 * @param {Word[]} words
 * @param {number} index
 */
export function charactersOf(words, index) {
  const start = words.slice(0, index).reduce((sum, [, , text]) => sum + text.length + 1, 0);
  return { start, end: start + words[index][2].length };
}

/**
 * The first and the last of the words that share a character with [from, to) of their text; null if none does.
 * @param {Word[]} words
 * @param {number} from
 * @param {number} to
 * @returns {{ first: number, last: number } | null}
 */
export function wordsBetween(words, from, to) {
  let start = 0;
  let first = -1;
  let last = -1;
  for (const [index, [, , text]] of words.entries()) {
    if (start < to && start + text.length > from) {
      if (first < 0) first = index;
      last = index;
    }
    start += text.length + 1;
  }
  return first < 0 ? null : { first, last };
}

/**
 * The page's text from one word to another of the same element.
 * @param {HTMLElement} element
 * @param {Word[]} words
 * @param {number} first
 */
export function rangeOf(element, words, first, last = first) {
  return rangeBetween(element, charactersOf(words, first).start, charactersOf(words, last).end);
}

/**
 * The page's text between two characters of an element's words.
 * @param {HTMLElement} element
 * @param {number} from
 * @param {number} to
 */
export function rangeBetween(element, from, to) {
  const range = element.ownerDocument.createRange();
  const text = required(element, ".said");
  range.setStart(...place(text, from));
  range.setEnd(...place(text, to));
  return range;
}

/**
 * How many characters of a text stand before a place in it.
 * @param {HTMLElement} text
 * @param {Node} node
 * @param {number} offset
 */
export function charactersBefore(text, node, offset) {
  const range = text.ownerDocument.createRange();
  range.selectNodeContents(text);
  range.setEnd(node, offset);
  return range.toString().length;
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
