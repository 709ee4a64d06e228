// The one player: plays an interval of a session from its first word to its last, and says where it is.
// Knows nothing of questions or transcripts. Times are milliseconds on the session's time line.
// Sends on its element: "player:time" {session, ms}, "player:state" {clip, playing}, "player:step" {by, to}.

import { clock, closest, required } from "./page.js";

const STEP_MS = 5000;
const LEAD_MS = 15; // timers fire late rather than early: the last wait ends a little before the word
const FAR_MS = 250; // the longest wait: the rate may change, or the sound be slow to come
const NEAR_MS = 4; // the shortest: browsers make nested timers no shorter
// As the server copies an interval (api/answers/clip.py): at most so long, from so much before, at a packet's start.
const LONGEST_MS = 90_000;
const PAD_MS = 80;
const PACKET_MS = 20;

/**
 * What to play. `end` is null for the whole rest of the session; `opus` and `mp3` are the addresses of its
 * sound; `element` holds the button that was pressed.
 * @typedef {{
 *   session: string, start: number, end: number | null, label: string, place: string, page: string,
 *   opus: string, mp3: string, element?: HTMLElement,
 * }} Clip
 */

/**
 * The clip that an element of the page stands for.
 * @param {HTMLElement} element
 * @returns {Clip}
 */
export function clipOf(element) {
  const { session = "", start, end, label = "", place = "", page = "", opus = "", mp3 = "" } = element.dataset;
  return { session, start: Number(start), end: Number(end), label, place, page, opus, mp3, element };
}

/**
 * A clip of the session whose page this is.
 * @param {HTMLElement} session
 * @param {{ start: number, end: number | null, label: string, page?: string }} part `page` is the session's own unless given
 * @returns {Clip}
 */
export function clipIn(session, part) {
  const { session: id = "", title = "", page = "", opus = "", mp3 = "" } = session.dataset;
  return { session: id, place: title, page, opus, mp3, ...part };
}

/**
 * What to load for a clip: its interval alone, if that can be, else the whole session. A slow line would
 * have to bring 90 kB of the whole before it plays a word in the middle.
 * @param {Clip} clip
 * @param {"opus" | "mp3"} format
 * @returns {{ address: string, from: number, to: number }} `from` and `to` in ms of the session
 */
export function soundOf(clip, format) {
  const { start, end } = clip;
  const whole = clip[format].replace(/#.*/, "");
  const short = end !== null && end > start && end - start <= LONGEST_MS;
  const part = whole.replace(/^(\/api\/sessions\/[^/]+\/)audio\.opus$/, `$1interval.opus?start_ms=${start}&end_ms=${end}`);
  if (!short || part === whole) return { address: whole, from: 0, to: Infinity };
  return { address: part, from: Math.floor(Math.max(0, start - PAD_MS) / PACKET_MS) * PACKET_MS, to: end };
}

/**
 * How long to wait before looking again whether an interval is over: coarsely while its end is far, then
 * to the timer's precision. Null when it is over.
 * @param {number} left what remains to be heard, in ms at the speed of playback
 * @param {boolean} seeking the sound is not yet where it was sent: its time says nothing
 */
export function nextLook(left, seeking) {
  if (left <= 0 && !seeking) return null;
  return Math.min(FAR_MS, Math.max(NEAR_MS, left - LEAD_MS));
}

/**
 * Where a move leads: within the sound, and out of the interval where it goes beyond its end.
 * @param {Clip} clip
 * @param {number} ms
 * @param {number} duration of the sound in ms; NaN or 0 while it is not known
 * @returns {{ ms: number, end: number | null }}
 */
export function seekWithin({ end }, ms, duration) {
  const bound = Math.max(0, Math.min(ms, duration || ms));
  return { ms: bound, end: end !== null && bound > end ? null : end };
}

/**
 * Names a button after what a press will do: its words where it has some, else what is read aloud.
 * @param {HTMLElement | null | undefined} button
 * @param {boolean} playing
 */
function rename(button, playing) {
  if (!button) return;
  const name = (playing ? button.dataset.pause : button.dataset.play) ?? "";
  const words = button.querySelector("span");
  if (words) words.textContent = name;
  else button.setAttribute("aria-label", name);
}

/**
 * @param {HTMLElement | undefined} element that of a clip
 * @returns {HTMLElement | null | undefined}
 */
const playButton = (element) => element?.querySelector("[data-act='play']");

const NOTHING = { address: "", from: 0, to: Infinity };

export class Player {
  #bar;
  #audio;
  #range;
  #speed;
  #clip = /** @type {Clip | null} */ (null);
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #frame = 0;
  #dragging = false;
  #isRefused = false; // Opus, by this browser, whatever it promised
  #loaded = NOTHING;
  #awaited = /** @type {number | null} */ (null); // where the sound goes once its length is known

  /** @param {HTMLElement} bar */
  constructor(bar) {
    this.#bar = bar;
    this.#audio = required(bar, "audio", HTMLAudioElement);
    this.#range = required(bar, "[data-act='seek']", HTMLInputElement);
    this.#speed = required(bar, "[data-act='speed']", HTMLSelectElement);
    this.#listen();
  }

  get element() {
    return this.#bar;
  }

  /**
   * Plays an element's interval, or pauses it when it is the one that plays.
   * @param {HTMLElement} element
   */
  toggle(element) {
    if (this.#clip?.element === element) this.#playOrPause(this.#clip);
    else this.play(clipOf(element));
  }

  /**
   * Plays a clip from its start.
   * @param {Clip} clip
   */
  play(clip) {
    this.#mark(false);
    if (this.#clip?.session !== clip.session) this.#isRefused = false;
    this.#clip = clip;
    this.#load(soundOf(clip, this.#format));
    this.#show(clip);
    this.#start(clip.start);
    this.#mark(!this.#audio.paused); // sound that goes on elsewhere sends no event
  }

  get #format() {
    return this.#isRefused || !this.#audio.canPlayType("audio/ogg; codecs=opus") ? "mp3" : "opus";
  }

  /** @param {{ address: string, from: number, to: number }} sound what is loaded already stays */
  #load(sound) {
    if (sound.address === this.#loaded.address) return;
    this.#loaded = sound;
    this.#audio.dataset.from = String(sound.from); // for tests
    this.#audio.src = sound.address;
  }

  /** @param {number} ms */
  #start(ms) {
    this.#place(ms);
    this.#sound(); // within the press: Safari plays nothing that is asked for later
  }

  /** @param {number} ms */
  #place(ms) {
    clearTimeout(this.#timer); // the interval that was being watched is over
    this.#awaited = ms;
    if (this.#audio.readyState >= HTMLMediaElement.HAVE_METADATA) this.#arrive(); // no sound comes before
  }

  #arrive() {
    if (this.#awaited === null) return;
    this.#audio.currentTime = (this.#awaited - this.#loaded.from) / 1000;
    this.#audio.playbackRate = Number(this.#speed.value);
    this.#awaited = null;
  }

  /** Sound on. A refusal (no press of the reader's) leaves the button as it is, at the same place. */
  #sound() {
    const loaded = this.#loaded;
    this.#audio.play().catch(({ name }) => {
      if (loaded === this.#loaded && name !== "AbortError" && name !== "NotAllowedError") this.#fail();
    });
  }

  /** @param {Clip} clip */
  #playOrPause(clip) {
    if (!this.#audio.paused) this.#audio.pause();
    else if (this.#loaded === NOTHING) this.play(clip);
    else if (this.#finished) this.#start(clip.start);
    else this.#sound();
  }

  get #now() {
    return this.#awaited ?? this.#audio.currentTime * 1000 + this.#loaded.from;
  }

  get #end() {
    return this.#clip?.end ?? this.#audio.duration * 1000;
  }

  get #finished() {
    return this.#audio.ended || this.#now >= this.#end - LEAD_MS;
  }

  /** Stops the sound at the interval's end. */
  #watch() {
    clearTimeout(this.#timer);
    const audio = this.#audio;
    const end = this.#clip?.end ?? null;
    if (audio.paused || end === null) return;
    const wait = nextLook((end - this.#now) / audio.playbackRate, audio.seeking);
    if (wait === null) audio.pause();
    else this.#timer = setTimeout(() => this.#watch(), wait);
  }

  /**
   * @param {Clip} clip
   * @param {number} to
   */
  #seek(clip, to) {
    const { from, to: last } = this.#loaded;
    const { ms, end } = seekWithin(clip, to, last < Infinity ? NaN : this.#audio.duration * 1000);
    if (end !== clip.end) this.#clip = { ...clip, end };
    const isOn = !this.#audio.paused;
    const isElsewhere = ms < from || ms > last;
    if (isElsewhere) this.#load(soundOf({ ...clip, end: null }, this.#format));
    this.#place(ms);
    if (isElsewhere && isOn) this.#sound();
    this.#draw();
    this.#watch();
  }

  #listen() {
    const audio = this.#audio;
    audio.addEventListener("play", () => this.#changed());
    audio.addEventListener("pause", () => this.#changed());
    audio.addEventListener("loadedmetadata", () => this.#arrive());
    audio.addEventListener("seeked", () => (this.#draw(), this.#watch()));
    audio.addEventListener("ratechange", () => this.#watch());
    audio.addEventListener("durationchange", () => this.#draw());
    audio.addEventListener("error", () => this.#fallBack());
    this.#bar.addEventListener("click", (event) => this.#act(closest(event, "[data-act]")?.dataset.act));
    this.#listenToSystem();
    this.#speed.addEventListener("change", () => (audio.playbackRate = Number(this.#speed.value)));
    this.#range.addEventListener("change", () => {
      this.#dragging = false;
      if (this.#clip) this.#seek(this.#clip, Number(this.#range.value));
    });
    this.#range.addEventListener("input", () => {
      this.#dragging = true;
      this.#write("clock", clock(Number(this.#range.value)));
    });
  }

  /** @param {string | undefined} act what a button, or a key of the system, asks for */
  #act(act) {
    const clip = this.#clip;
    if (!clip) return;
    if (act === "toggle") this.#playOrPause(clip);
    if (act === "back") this.#seek(clip, this.#now - STEP_MS);
    if (act === "forward") this.#seek(clip, this.#now + STEP_MS);
    if (act === "close") this.#close(clip);
    if (act === "previous" || act === "next") this.#send("player:step", { by: "speaker", to: act === "next" ? 1 : -1 });
  }

  /** The keys of a keyboard, of headphones and of a locked screen. */
  #listenToSystem() {
    const acts = { play: "toggle", pause: "toggle", seekbackward: "back", seekforward: "forward", previoustrack: "previous", nexttrack: "next" };
    for (const [action, act] of Object.entries(acts)) {
      navigator.mediaSession?.setActionHandler(/** @type {MediaSessionAction} */ (action), () => this.#act(act));
    }
  }

  /** @param {Clip} clip */
  #close({ element }) {
    this.#audio.pause();
    this.#bar.hidden = true;
    document.documentElement.classList.remove("with-player");
    playButton(element)?.focus();
  }

  #changed() {
    this.#watch();
    this.#mark(!this.#audio.paused);
    cancelAnimationFrame(this.#frame);
    this.#draw();
    if (!this.#audio.paused) this.#animate();
  }

  #animate() {
    this.#frame = requestAnimationFrame(() => {
      this.#draw();
      this.#animate();
    });
  }

  /** @param {boolean} playing */
  #mark(playing) {
    const element = this.#clip?.element;
    this.#bar.classList.toggle("playing", playing);
    element?.classList.toggle("playing", playing);
    rename(required(this.#bar, "[data-act='toggle']"), playing);
    rename(playButton(element), playing);
    this.#send("player:state", { clip: this.#clip, playing });
  }

  /** @param {Clip} clip */
  #show({ label, place, page }) {
    this.#bar.hidden = false;
    document.documentElement.classList.add("with-player");
    this.#write("label", label);
    this.#write("place", place);
    required(this.#bar, "[data-show='place']", HTMLAnchorElement).href = page;
    if (navigator.mediaSession) navigator.mediaSession.metadata = new MediaMetadata({ title: label || place, artist: place });
    this.#draw();
  }

  #draw() {
    if (!this.#clip) return;
    const end = this.#end || 0;
    this.#range.min = String(Math.min(this.#clip.start, this.#now));
    this.#range.max = String(end);
    if (!this.#dragging) {
      this.#range.value = String(this.#now);
      this.#write("clock", clock(this.#now));
    }
    this.#range.setAttribute("aria-valuetext", clock(this.#now));
    this.#write("end", clock(end));
    this.#send("player:time", { session: this.#clip.session, ms: this.#now });
  }

  /**
   * @param {"label" | "place" | "clock" | "end"} name
   * @param {string} text
   */
  #write(name, text) {
    const place = required(this.#bar, `[data-show='${name}']`);
    if (place.textContent !== text) place.textContent = text;
  }

  /**
   * @param {"player:state" | "player:time" | "player:step"} name
   * @param {object} detail
   */
  #send(name, detail) {
    this.#bar.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** The whole session where its interval does not come, MP3 where Opus does not. */
  #fallBack() {
    const clip = this.#clip;
    const isWhole = this.#loaded.to === Infinity;
    if (!clip || (isWhole && this.#format === "mp3")) return this.#fail();
    if (isWhole) this.#isRefused = true;
    const at = this.#now;
    this.#load(soundOf({ ...clip, end: null }, this.#format));
    return this.#start(at);
  }

  #fail() {
    this.#loaded = NOTHING; // a press asks for it again
    this.#mark(false);
    this.#write("label", this.#bar.dataset.failed ?? "");
  }
}
