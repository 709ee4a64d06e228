// The one player: plays an interval of a sitting from its first word to its last, and says where it is.
// Knows nothing of questions or transcripts. Times are milliseconds on the session's time line.
// Sends on its element: "player:time" {session, ms}, "player:state" {clip, playing}.

const STEP_MS = 5000;
const LEAD_MS = 15; // timers fire late rather than early: the last wait ends a little before the word

/** What to play: {session, start, end (null: to the end of the sitting), label, place, page, opus, mp3}. */
export function clipOf(element) {
  const { session, start, end, label, place, page, opus, mp3 } = element.dataset;
  return { session, start: Number(start), end: Number(end), label, place, page, opus, mp3, element };
}

export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** Names a button after what a press will do: its words where it has some, else what is read aloud. */
function rename(button, playing) {
  if (!button) return;
  const name = playing ? button.dataset.pause : button.dataset.play;
  const words = button.querySelector("span");
  if (words) words.textContent = name;
  else button.setAttribute("aria-label", name);
}

export class Player {
  #bar;
  #audio;
  #range;
  #clip = null;
  #timer = 0;
  #frame = 0;
  #dragging = false;
  #triedMp3 = false;

  constructor(bar) {
    this.#bar = bar;
    this.#audio = bar.querySelector("audio");
    this.#range = bar.querySelector("[data-act='seek']");
    this.#listen();
  }

  get element() {
    return this.#bar;
  }

  /** Plays an element's interval, or pauses it when it is the one that plays. */
  toggle(element) {
    if (this.#clip?.element === element) this.#playOrPause();
    else this.play(clipOf(element));
  }

  /** Plays a clip from its start. */
  play(clip) {
    this.#mark(false);
    const other = this.#clip?.session !== clip.session;
    this.#clip = clip;
    if (other) this.#load(clip, this.#audio.canPlayType("audio/ogg; codecs=opus") ? "opus" : "mp3");
    this.#show();
    this.#start(clip.start);
  }

  #load(clip, format) {
    this.#triedMp3 = format === "mp3";
    this.#audio.src = clip[format].replace(/#.*/, "");
  }

  #start(ms) {
    const audio = this.#audio;
    clearTimeout(this.#timer); // the interval that was being watched is over
    const go = () => {
      audio.currentTime = ms / 1000;
      audio.playbackRate = Number(this.#bar.querySelector("[data-act='speed']").value);
      audio.play().catch((error) => error.name === "AbortError" || this.#fail());
    };
    if (audio.readyState >= HTMLMediaElement.HAVE_METADATA) go();
    else {
      audio.addEventListener("loadedmetadata", go, { once: true });
      audio.load();
    }
  }

  #playOrPause() {
    if (!this.#audio.paused) this.#audio.pause();
    else if (this.#finished) this.#start(this.#clip.start);
    else this.#audio.play().catch(() => this.#fail());
  }

  get #now() {
    return this.#audio.currentTime * 1000;
  }

  get #end() {
    return this.#clip.end ?? this.#audio.duration * 1000;
  }

  get #finished() {
    return this.#audio.ended || this.#now >= this.#end - LEAD_MS;
  }

  /** Waits for the interval's end: coarsely while it is far, then to the timer's precision. */
  #watch() {
    clearTimeout(this.#timer);
    const audio = this.#audio;
    if (audio.paused || this.#clip.end === null) return;
    const left = (this.#clip.end - this.#now) / audio.playbackRate;
    if (audio.seeking || left > 0) {
      this.#timer = setTimeout(() => this.#watch(), Math.min(250, Math.max(4, left - LEAD_MS)));
    } else audio.pause();
  }

  #seek(ms) {
    const bound = Math.max(0, Math.min(ms, this.#audio.duration * 1000 || ms));
    if (this.#clip.end !== null && bound > this.#clip.end) this.#clip = { ...this.#clip, end: null };
    this.#audio.currentTime = bound / 1000;
    this.#draw();
    this.#watch();
  }

  #listen() {
    const audio = this.#audio;
    audio.addEventListener("play", () => this.#changed());
    audio.addEventListener("pause", () => this.#changed());
    audio.addEventListener("seeked", () => (this.#draw(), this.#watch()));
    audio.addEventListener("ratechange", () => this.#watch());
    audio.addEventListener("durationchange", () => this.#draw());
    audio.addEventListener("error", () => this.#fallBack());
    this.#bar.addEventListener("click", (event) => this.#act(event.target.closest("[data-act]")));
    this.#bar.addEventListener("change", (event) => {
      if (event.target.dataset.act === "speed") audio.playbackRate = Number(event.target.value);
      if (event.target === this.#range) {
        this.#dragging = false;
        this.#seek(Number(this.#range.value));
      }
    });
    this.#range.addEventListener("input", () => {
      this.#dragging = true;
      this.#write("clock", clock(Number(this.#range.value)));
    });
  }

  #act(button) {
    if (!button || !this.#clip) return;
    if (button.dataset.act === "toggle") this.#playOrPause();
    if (button.dataset.act === "back") this.#seek(this.#now - STEP_MS);
    if (button.dataset.act === "forward") this.#seek(this.#now + STEP_MS);
    if (button.dataset.act === "close") this.#close();
  }

  #close() {
    this.#audio.pause();
    this.#bar.hidden = true;
    document.documentElement.classList.remove("with-player");
    this.#clip.element?.querySelector("[data-act='play']")?.focus();
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

  #mark(playing) {
    const element = this.#clip?.element;
    this.#bar.classList.toggle("playing", playing);
    element?.classList.toggle("playing", playing);
    rename(this.#bar.querySelector("[data-act='toggle']"), playing);
    rename(element?.querySelector("[data-act='play']"), playing);
    this.#send("player:state", { clip: this.#clip, playing });
  }

  #show() {
    const { label, place, page } = this.#clip;
    this.#bar.hidden = false;
    document.documentElement.classList.add("with-player");
    this.#write("label", label);
    this.#write("place", place);
    this.#bar.querySelector("[data-show='place']").href = page;
    this.#draw();
  }

  #draw() {
    if (!this.#clip) return;
    const end = this.#end || 0;
    this.#range.min = Math.min(this.#clip.start, this.#now);
    this.#range.max = end;
    if (!this.#dragging) {
      this.#range.value = this.#now;
      this.#write("clock", clock(this.#now));
    }
    this.#range.setAttribute("aria-valuetext", clock(this.#now));
    this.#write("end", clock(end));
    this.#send("player:time", { session: this.#clip.session, ms: this.#now });
  }

  #write(name, text) {
    const place = this.#bar.querySelector(`[data-show='${name}']`);
    if (place.textContent !== text) place.textContent = text;
  }

  #send(name, detail) {
    this.#bar.dispatchEvent(new CustomEvent(name, { detail }));
  }

  #fallBack() {
    if (!this.#clip || this.#triedMp3) return this.#fail();
    const at = this.#now || this.#clip.start;
    this.#load(this.#clip, "mp3");
    this.#start(at);
  }

  #fail() {
    this.#mark(false);
    this.#write("label", this.#bar.dataset.failed);
  }
}
