// On a session's page: plays from any time stamp and any word, follows the turn that plays and lights up its word.
// Words' times are fetched when playback starts.
import { all, closest, lastFitting, required, scrolling } from "./page.js";
import { clipIn } from "./player.js";
import { charactersBefore, rangeOf, wordsBetween } from "./spoken-words.js";

/** @import { Clip, Player } from "./player.js" */
/** @import { SpokenWords, Word } from "./spoken-words.js" */
/** @typedef {{ element: HTMLElement, start: number, end: number }} Block */

const PATIENCE_MS = 5000; // how long a reader who scrolls is left alone
const HEAD_PX = 80; // a turn is in sight that is not nearer than this to the window's top,
const FOOT_PX = 160; // nor than this to its foot, where the player stands
const JUST_BEGUN_MS = 1500; // a step back from here goes one further, as on every player
const STEPS = /** @type {Record<string, { by: "sentence" | "speaker", to: 1 | -1 }>} */ ({
  ArrowLeft: { by: "sentence", to: -1 },
  ArrowRight: { by: "sentence", to: 1 },
  ArrowUp: { by: "speaker", to: -1 },
  ArrowDown: { by: "speaker", to: 1 },
});
const SECOND_CLICK_MS = 250; // two clicks select a word: the first is to be heard only where no second comes

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
 * Where a step leads among moments in order: to the next one; back to the start of what is heard, or to the one
 * before where that has only just begun. Null where there is none.
 * @param {number[]} starts
 * @param {number} ms
 * @param {1 | -1} to
 */
export function stepFrom(starts, ms, to) {
  const here = lastFitting(starts, (start) => start <= ms);
  if (to > 0) return starts[here + 1] ?? null;
  return starts[ms - starts[here] < JUST_BEGUN_MS ? here - 1 : here] ?? null;
}

/**
 * When each sentence of a turn begins.
 * @param {Word[]} words
 */
export function sentenceStarts(words) {
  return words.filter((_, n) => n === 0 || /[.?!…][»”"]?$/.test(words[n - 1][2])).map(([start]) => start);
}

export class Follower {
  #document;
  #session;
  #words;
  #blocks; // in order; a turn is in several where a point of the agenda begins
  #current = /** @type {Block | null} */ (null);
  #scrolledAt = -Infinity;
  #lit = /** @type {string | null} */ (null);
  #ms = 0; // what is heard now

  /**
   * @param {HTMLElement} session
   * @param {SpokenWords} words
   */
  constructor(session, words) {
    this.#document = session.ownerDocument;
    this.#session = session;
    this.#words = words;
    this.#blocks = all(this.#document, "[data-turn]").map((element) => ({
      element,
      start: Number(element.dataset.start),
      end: Number(element.dataset.end),
    }));
  }

  /** @param {Player} player */
  follow(player) {
    this.#document.addEventListener("click", (event) => this.#playFrom(event, player));
    if (this.#session.dataset.opus) this.#playWords(player);
    player.element.addEventListener("player:state", (event) => this.#state(/** @type {CustomEvent} */ (event).detail));
    player.element.addEventListener("player:time", (event) => this.#time(/** @type {CustomEvent} */ (event).detail));
    player.element.addEventListener("player:step", (event) => void this.#step(/** @type {CustomEvent} */ (event).detail, player));
    this.#document.addEventListener("keydown", (event) => this.#key(event, player));
    for (const gesture of ["wheel", "touchmove", "keydown"]) {
      addEventListener(gesture, () => (this.#scrolledAt = performance.now()), { passive: true });
    }
  }

  /**
   * @param {MouseEvent} event
   * @param {Player} player
   */
  #playFrom(event, player) {
    const link = closest(event, "[data-from], [data-lane]");
    if (!link || !this.#session.dataset.opus || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    const start = link.dataset.from ? Number(link.dataset.from) : this.#timeOn(link, event.clientX);
    this.#play(player, start, link.closest("[data-turn]") ?? blockAt(this.#blocks, start)?.element ?? null);
  }

  /**
   * The moment that a point of a time line stands for.
   * @param {HTMLElement} lane
   * @param {number} x
   */
  #timeOn(lane, x) {
    const { left, width } = lane.getBoundingClientRect();
    return Math.round(((x - left) / width) * Number(this.#session.dataset.duration));
  }

  /**
   * @param {Player} player
   * @param {number} start
   * @param {Element | null} turn
   */
  #play(player, start, turn) {
    const { label = "" } = turn instanceof HTMLElement ? turn.dataset : {};
    this.#scrolledAt = -Infinity;
    player.play(clipIn(this.#session, { start, end: null, label }));
  }

  /**
   * A click on a word plays from it, unless it selects or takes a selection away.
   * @param {Player} player
   */
  #playWords(player) {
    let timer = 0;
    let selected = false;
    this.#document.addEventListener("pointerdown", () => (selected = !getSelection()?.isCollapsed));
    this.#document.addEventListener("click", (event) => {
      clearTimeout(timer);
      const turn = /** @type {HTMLElement | null} */ (closest(event, ".said")?.closest("[data-turn]"));
      if (!turn || selected || event.detail !== 1 || event.shiftKey || closest(event, "a, button")) return;
      const caret = caretAt(this.#document, event.clientX, event.clientY);
      const text = required(turn, ".said");
      if (!caret || !text.contains(caret.node)) return;
      const at = charactersBefore(text, caret.node, caret.offset);
      timer = setTimeout(() => this.#playFromWord(player, turn, at), SECOND_CLICK_MS);
    });
  }

  /**
   * @param {Player} player
   * @param {HTMLElement} turn
   * @param {number} at a character of its text
   */
  async #playFromWord(player, turn, at) {
    if (!getSelection()?.isCollapsed) return;
    await this.#words.load();
    const words = this.#words.of(turn);
    const place = words && wordsBetween(words, at, at + 1);
    const word = words && (place ? words[place.first] : words.at(-1));
    if (word) this.#play(player, word[0], turn);
  }

  /**
   * Shift and an arrow, while the player is there: by sentence or by speaker.
   * @param {KeyboardEvent} event
   * @param {Player} player
   */
  #key(event, player) {
    const step = STEPS[event.key];
    const { altKey, ctrlKey, metaKey, shiftKey } = event;
    if (!step || !shiftKey || altKey || ctrlKey || metaKey || player.element.hidden) return;
    if (closest(event, "input, select, textarea") || !getSelection()?.isCollapsed) return; // keys that choose or select
    event.preventDefault();
    void this.#step(step, player);
  }

  /**
   * @param {{ by: "sentence" | "speaker", to: 1 | -1 }} step
   * @param {Player} player
   */
  async #step({ by, to }, player) {
    await this.#words.load();
    const starts = this.#blocks.flatMap(({ element, start }, n) => {
      if (by === "sentence") return sentenceStarts(this.#words.of(element) ?? []);
      return element.dataset.label === this.#blocks[n - 1]?.element.dataset.label ? [] : [start];
    });
    const ms = stepFrom(starts, this.#ms, to);
    if (ms !== null) this.#play(player, ms, blockAt(this.#blocks, ms)?.element ?? null);
  }

  /** @param {{ clip: Clip, playing: boolean }} state */
  #state({ clip, playing }) {
    if (playing && clip.session === this.#session.dataset.session) void this.#words.load();
  }

  /** @param {{ session: string, ms: number }} moment */
  #time({ session, ms }) {
    if (session !== this.#session.dataset.session) return;
    this.#ms = ms;
    const block = blockAt(this.#blocks, ms);
    if (block !== this.#current) this.#enter(block);
    this.#light(block, ms);
  }

  /** @param {Block | null} block */
  #enter(block) {
    this.#current?.element.classList.remove("spoken");
    this.#enterPoint(block);
    this.#current = block;
    if (!block) return;
    block.element.classList.add("spoken");
    if (performance.now() - this.#scrolledAt < PATIENCE_MS) return;
    const { top, bottom } = block.element.getBoundingClientRect();
    if (top > HEAD_PX && bottom < innerHeight - FOOT_PX) return;
    block.element.scrollIntoView({ block: "center", behavior: scrolling() });
  }

  /**
   * Shows in the agenda which point is heard.
   * @param {Block | null} block
   */
  #enterPoint(block) {
    const point = block?.element.closest("section")?.querySelector("h2")?.id;
    for (const link of all(this.#document, "nav.agenda a")) {
      if (point && link.getAttribute("href") === `#${point}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  /**
   * @param {Block | null} block
   * @param {number} ms
   */
  #light(block, ms) {
    if (!CSS.highlights) return;
    const words = block && this.#words.of(block.element);
    const word = words ? spokenWord(words, ms) : -1;
    const key = block && words && word >= 0 ? `${block.element.id} ${word}` : null;
    if (key === this.#lit) return;
    this.#lit = key;
    if (!block || !words || word < 0) CSS.highlights.delete("spoken");
    else CSS.highlights.set("spoken", new Highlight(rangeOf(block.element, words, word)));
  }
}

/**
 * The place in the text under a point of the window: the standard's way, or WebKit's.
 * @param {Document} document
 * @param {number} x
 * @param {number} y
 * @returns {{ node: Node, offset: number } | null}
 */
function caretAt(document, x, y) {
  if (document.caretPositionFromPoint) {
    const caret = document.caretPositionFromPoint(x, y);
    return caret && { node: caret.offsetNode, offset: caret.offset };
  }
  const range = document.caretRangeFromPoint(x, y);
  return range && { node: range.startContainer, offset: range.startOffset };
}
