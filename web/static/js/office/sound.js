// The sitting's sound: from a word on, one turn, with two seconds of what came before after each pause.
// Knows the bar at the bottom of the window, and nothing of words. Times are milliseconds.
// Sends on its element: "sound:time" {ms}, "sound:state" {playing}.

const REWIND_MS = 2000;

export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export class Sound extends EventTarget {
  #bar;
  #audio;
  #range;
  #speed;
  #until = null;
  #frame = 0;

  /** `bar` is null for a text without sound. */
  constructor(bar) {
    super();
    this.#bar = bar;
    if (!bar) return;
    this.#audio = bar.querySelector("audio");
    this.#range = bar.querySelector("input[type=range]");
    this.#speed = bar.querySelector("select");
    this.#listen();
  }

  /** Gives the sitting's files; the browser takes the first that it can play. */
  load({ audio_opus: opus, audio_mp3: mp3, duration_ms: duration }) {
    const source = (src, type) => Object.assign(document.createElement("source"), { src, type });
    this.#audio.append(source(opus, "audio/ogg; codecs=opus"), source(mp3, "audio/mpeg"));
    this.#range.max = duration;
    this.#bar.querySelector("[data-show=end]").textContent = clock(duration);
    this.#audio.load();
  }

  get exists() {
    return Boolean(this.#bar);
  }

  get playing() {
    return this.exists && !this.#audio.paused;
  }

  get now() {
    return this.exists ? this.#audio.currentTime * 1000 : 0;
  }

  /** Plays from a moment on, to `until` or on and on. */
  from(ms, until = null) {
    if (!this.exists) return;
    this.seek(ms);
    this.#until = until;
    this.#start();
  }

  seek(ms) {
    if (!this.exists) return;
    this.#until = null;
    this.#audio.currentTime = Math.max(0, ms) / 1000;
    this.#draw();
  }

  pause() {
    if (this.playing) this.#audio.pause();
  }

  /** Goes on, two seconds before where it stopped: one does not begin to listen in mid-word. */
  resume() {
    this.from(this.now - REWIND_MS);
  }

  /** The next or the previous of the speeds. Returns how it is shown. */
  step(by) {
    if (!this.exists) return "";
    const { options, selectedIndex } = this.#speed;
    this.#speed.selectedIndex = Math.max(0, Math.min(options.length - 1, selectedIndex + by));
    this.#audio.playbackRate = Number(this.#speed.value);
    return this.#speed.selectedOptions[0].textContent;
  }

  async #start() {
    this.#audio.playbackRate = Number(this.#speed.value);
    try {
      await this.#audio.play();
    } catch (error) {
      if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("sound:failed"));
    }
  }

  #listen() {
    for (const name of ["play", "pause"]) this.#audio.addEventListener(name, () => this.#changed());
    this.#audio.addEventListener("seeked", () => this.#draw());
    this.#range.addEventListener("input", () => {
      this.seek(Number(this.#range.value));
      this.#tell();
    });
    this.#speed.addEventListener("change", () => (this.#audio.playbackRate = Number(this.#speed.value)));
  }

  #changed() {
    const { playing } = this;
    this.#bar.classList.toggle("playing", playing);
    const button = this.#bar.querySelector("[data-action=play]");
    button.setAttribute("aria-label", playing ? button.dataset.pause : button.dataset.play);
    cancelAnimationFrame(this.#frame);
    if (playing) this.#tick();
    this.dispatchEvent(new CustomEvent("sound:state", { detail: { playing } }));
  }

  #tick() {
    this.#frame = requestAnimationFrame(() => this.#tick());
    if (this.#until !== null && this.now >= this.#until) {
      this.#until = null;
      this.#audio.pause();
      return;
    }
    this.#draw();
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new CustomEvent("sound:time", { detail: { ms: this.now } }));
  }

  #draw() {
    const shown = clock(this.now);
    const place = this.#bar.querySelector("[data-show=clock]");
    if (place.textContent === shown) return;
    place.textContent = shown;
    this.#range.value = this.now;
    this.#range.setAttribute("aria-valuetext", shown);
  }
}
