// The session's sound: from a word on, one turn, with two seconds of what came before after each pause.
// Knows the bar at the bottom of the window, and nothing of words. Times are milliseconds.
// Sends "sound:time" when `now` has moved, "sound:place" when it was moved, "sound:state" when `playing` has changed,
// "sound:failed".

import { clock, required } from "../page.js";

/** @import { SessionFacts } from "./transcript.js" */

/**
 * The bar at the bottom of the window, and what of it plays and shows.
 * @typedef {{
 *   element: HTMLElement, audio: HTMLAudioElement, range: HTMLInputElement, speed: HTMLSelectElement, clock: HTMLElement,
 * }} Bar
 */

const REWIND_MS = 2000; // what is heard again after a pause: one does not begin to listen in mid-word

/** @type {(src: string | null, type: string) => HTMLSourceElement} */
const source = (src, type) => Object.assign(document.createElement("source"), { src, type });

export class Sound extends EventTarget {
  #bar;
  #until = /** @type {number | null} */ (null);
  #frame = 0;

  /** @param {HTMLElement | null} bar null for a text without sound */
  constructor(bar) {
    super();
    /** @type {Bar | null} */
    this.#bar = bar && {
      element: bar,
      audio: required(bar, "audio", HTMLAudioElement),
      range: required(bar, "input[type=range]", HTMLInputElement),
      speed: required(bar, "select", HTMLSelectElement),
      clock: required(bar, "[data-show=clock]"),
    };
    if (this.#bar) this.#listen(this.#bar);
  }

  /**
   * Gives the session's files; the browser takes the first that it can play.
   * @param {SessionFacts} session
   */
  load({ audio_opus: opus, audio_mp3: mp3, duration_ms: duration }) {
    if (!this.#bar) return;
    const { element, audio, range } = this.#bar;
    audio.append(source(opus, "audio/ogg; codecs=opus"), source(mp3, "audio/mpeg"));
    range.max = String(duration);
    required(element, "[data-show=end]").textContent = clock(duration);
    audio.load();
  }

  get exists() {
    return this.#bar !== null;
  }

  get playing() {
    return this.#bar !== null && !this.#bar.audio.paused;
  }

  get now() {
    return this.#bar ? this.#bar.audio.currentTime * 1000 : 0;
  }

  /**
   * Plays from a moment on.
   * @param {number} ms
   * @param {number | null} until where it stops, null to go on and on
   */
  from(ms, until = null) {
    if (!this.#bar) return;
    this.seek(ms);
    this.#until = until;
    this.#start(this.#bar);
  }

  /** @param {number} ms */
  seek(ms) {
    if (!this.#bar) return;
    this.#until = null;
    this.#bar.audio.currentTime = Math.max(0, ms) / 1000;
    this.#draw(this.#bar);
  }

  /**
   * Goes to a moment and tells of it, as the slider does.
   * @param {number} ms
   */
  move(ms) {
    this.seek(ms);
    this.#report();
  }

  pause() {
    if (this.playing) this.#bar?.audio.pause();
  }

  /** Goes on, two seconds before where it stopped: one does not begin to listen in mid-word. */
  resume() {
    this.from(this.now - REWIND_MS);
  }

  /**
   * The next or the previous of the speeds. Returns how it is shown.
   * @param {1 | -1} by
   */
  step(by) {
    if (!this.#bar) return "";
    const { audio, speed } = this.#bar;
    speed.selectedIndex = Math.max(0, Math.min(speed.options.length - 1, speed.selectedIndex + by));
    audio.playbackRate = Number(speed.value);
    return speed.selectedOptions[0].textContent;
  }

  /** @param {Bar} bar */
  async #start({ audio, speed }) {
    audio.playbackRate = Number(speed.value);
    try {
      await audio.play();
    } catch (error) {
      const overtaken = error instanceof DOMException && error.name === "AbortError"; // by a pause or another start
      if (!overtaken) this.dispatchEvent(new Event("sound:failed"));
    }
  }

  /** @param {Bar} bar */
  #listen(bar) {
    const { audio, range, speed } = bar;
    for (const name of ["play", "pause"]) audio.addEventListener(name, () => this.#changed(bar));
    audio.addEventListener("seeked", () => {
      this.#draw(bar);
      this.dispatchEvent(new Event("sound:place"));
    });
    range.addEventListener("input", () => this.move(Number(range.value)));
    speed.addEventListener("change", () => (audio.playbackRate = Number(speed.value)));
  }

  /** @param {Bar} bar */
  #changed(bar) {
    const { playing } = this;
    bar.element.classList.toggle("playing", playing);
    const button = required(bar.element, "[data-action=play]");
    button.setAttribute("aria-label", (playing ? button.dataset.pause : button.dataset.play) ?? "");
    cancelAnimationFrame(this.#frame);
    if (playing) this.#tick(bar);
    this.dispatchEvent(new Event("sound:state"));
  }

  /** @param {Bar} bar */
  #tick(bar) {
    this.#frame = requestAnimationFrame(() => this.#tick(bar));
    if (this.#until !== null && this.now >= this.#until) {
      this.#until = null;
      bar.audio.pause();
      return;
    }
    this.#draw(bar);
    this.#report();
  }

  #report() {
    this.dispatchEvent(new Event("sound:time"));
  }

  /** @param {Bar} bar */
  #draw(bar) {
    const shown = clock(this.now);
    if (bar.clock.textContent === shown) return;
    bar.clock.textContent = shown;
    bar.range.value = String(this.now);
    bar.range.setAttribute("aria-valuetext", shown);
  }
}
