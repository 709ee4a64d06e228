// How loud the session is, below the bar's slider: a minute of it, ten, or all, with turns and doubts.
// A press or an arrow key goes there. Knows what the server measured, and draws; decides nothing else.

import { clock, required } from "../page.js";

/** @import { Sound } from "./sound.js" */
/** @import { Span, Transcript } from "./transcript.js" */

const LEVELS = 12; // of the server's bytes (ingest/audio/waveform.py)
const WIDTH = 1200; // of the picture: about one unit a pixel
const SCALES_MS = [60_000, 600_000, Infinity]; // how much is shown: words, an item of the agenda, the session
const STEP_MS = 1000; // of an arrow key
const BEFORE = 0.1; // share of the picture that stands before the moment heard: what follows is looked for

/**
 * The outline of bars that stand on the middle line: one column a unit, the loudest of what falls into it.
 * @param {Uint8Array} levels
 * @param {Span} shown in ms
 * @param {number} duration of all levels, in ms
 * @param {Span[]} within what is drawn of it
 */
export function outline(levels, [from, to], duration, within) {
  const perMs = levels.length / duration;
  const columns = Math.max(1, Math.min(WIDTH, Math.ceil((to - from) * perMs)));
  const width = WIDTH / columns;
  const bars = [];
  let at = 0;
  for (let column = 0; column < columns; column++) {
    const start = from + ((to - from) * column) / columns;
    const end = from + ((to - from) * (column + 1)) / columns;
    while (at < within.length && within[at][1] <= start) at++;
    if (at === within.length || within[at][0] >= end) continue;
    const loudest = Math.max(0, ...levels.subarray(Math.floor(start * perMs), Math.max(Math.ceil(end * perMs), 1)));
    const x = (column * width).toFixed(1);
    bars.push(`M${x} ${LEVELS - loudest}V${LEVELS + loudest + 0.5}h${(width * 0.8).toFixed(1)}V${LEVELS - loudest}z`);
  }
  return bars.join("");
}

export class Waveform {
  #levels = new Uint8Array();
  #scale = 0;
  #from = 0;

  /**
   * @param {HTMLElement} element
   * @param {Sound} sound
   * @param {Transcript} transcript
   */
  constructor(element, sound, transcript) {
    this.element = element;
    this.sound = sound;
    this.transcript = transcript;
    this.slider = required(element, "[role=slider]");
    const zoom = required(element, "button");
    zoom.addEventListener("click", () => this.#zoom(zoom));
    this.slider.addEventListener("pointerdown", (event) => event.button || this.#press(event));
    this.slider.addEventListener("keydown", (event) => this.#key(event));
    for (const name of ["sound:time", "sound:place"]) sound.addEventListener(name, () => this.#follow());
  }

  /**
   * Shows what the server measured; without it the slider remains.
   * @param {string} address
   */
  async load(address) {
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok) return;
    this.#levels = new Uint8Array(await answer.arrayBuffer());
    this.element.hidden = !this.#levels.length;
    this.slider.setAttribute("aria-valuemax", String(this.#duration));
    this.draw();
  }

  get #duration() {
    return this.transcript.session.duration_ms;
  }

  /** How much is shown, in ms. */
  get #length() {
    return Math.min(SCALES_MS[this.#scale], this.#duration);
  }

  /** @returns {Span} */
  get #shown() {
    return [this.#from, this.#from + this.#length];
  }

  /** Brings the moment that is heard near the beginning of the picture. */
  #scroll() {
    this.#from = Math.max(0, Math.min(this.sound.now - this.#length * BEFORE, this.#duration - this.#length));
    this.draw();
  }

  /** Draws everything, as after an edit. */
  draw() {
    if (!this.#levels.length) return;
    const shown = this.#shown;
    const [from, to] = shown;
    /** @type {(ms: number) => number} */
    const x = (ms) => (WIDTH * (Math.max(from, Math.min(to, ms)) - from)) / (to - from);
    /** @type {(spans: Span[]) => Span[]} */
    const seen = (spans) => spans.filter(([start, end]) => end > from && start < to);
    /** @type {(name: string, path: string) => void} */
    const put = (name, path) => required(this.element, `[data-draw=${name}]`, SVGElement).setAttribute("d", path);
    /** @type {(spans: Span[], top: number, height: number) => string} */
    const boxes = (spans, top, height) =>
      seen(spans).map(([a, b]) => `M${x(a)} ${top}h${Math.max(3, x(b) - x(a))}v${height}h${Math.min(-3, x(a) - x(b))}z`).join("");
    const turns = this.transcript.turns.filter(({ words }) => words.length);
    const { review, withheld, closed } = this.transcript.standing;
    const doubts = review.filter((doubt) => !this.transcript.overall.includes(doubt));
    put("silence", outline(this.#levels, shown, this.#duration, [[0, this.#duration]]));
    put("speech", outline(this.#levels, shown, this.#duration, seen(turns.map(({ start, end }) => [start, end]))));
    put("turns", this.#scale === 2 ? "" : seen(turns.map(({ start }) => [start, start + 1])).map(([at]) => `M${x(at)} 0V${2 * LEVELS}`).join(""));
    put("doubts", boxes(doubts.map(({ start_ms: start, end_ms: end }) => [start, end]), 2 * LEVELS - 2, 2));
    put("withheld", boxes([...withheld, ...closed], 0, 2 * LEVELS));
    this.#follow();
  }

  /** The moment that is heard, and the stretch that holds it. */
  #follow() {
    if (!this.#levels.length) return;
    const { now } = this.sound;
    const [from, to] = this.#shown;
    if (now < from || (now >= to && to < this.#duration)) return void this.#scroll();
    required(this.element, "[data-draw=now]", SVGElement).setAttribute("transform", `translate(${(WIDTH * (now - from)) / (to - from)} 0)`);
    const shown = clock(now);
    if (this.slider.getAttribute("aria-valuetext") === shown) return;
    this.slider.setAttribute("aria-valuenow", String(Math.round(now)));
    this.slider.setAttribute("aria-valuetext", shown);
  }

  /** @param {HTMLElement} button */
  #zoom(button) {
    this.#scale = (this.#scale + 1) % SCALES_MS.length;
    button.textContent = [button.dataset.minute, button.dataset.ten, button.dataset.all][this.#scale] ?? "";
    this.#scroll();
  }

  /** @param {PointerEvent} event */
  #press({ clientX }) {
    const { left, width } = this.slider.getBoundingClientRect();
    const [from, to] = this.#shown;
    this.sound.move(from + ((to - from) * (clientX - left)) / width);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const [from, to] = this.#shown;
    const { now } = this.sound;
    /** @type {Record<string, number>} */
    const places = {
      ArrowLeft: now - STEP_MS,
      ArrowRight: now + STEP_MS,
      PageUp: now - (to - from) / 2,
      PageDown: now + (to - from) / 2,
      Home: 0,
      End: this.#duration,
    };
    const place = places[event.key];
    if (place === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.sound.move(Math.max(0, Math.min(place, this.#duration)));
  }
}
