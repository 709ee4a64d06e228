// Files on their way to the server, by tus: two at a time, each going on where it was, in this page, in
// another one, days later. Knows nothing of the form but the list that shows them.

import { required } from "../page.js";

/** @import { Parts } from "./bring-parts.js" */
/** @typedef {(key: string, values?: Record<string, string | number>) => string} Text a sentence of the page's catalogue */
/**
 * A file on its way.
 * @typedef {object} Going
 * @property {tus.Upload} upload
 * @property {string | undefined} id the server's, once it has given one
 * @property {number} since when this page began to send it, in ms of its clock
 * @property {number | null} from how many bytes the server had then
 * @property {number} percent
 */

const CHUNK = 16 * 2 ** 20; // what is lost at most of an answer that does not come; proxies like it too
const AT_ONCE = 2; // one fills the line; the second fills the pauses between its chunks
const PATIENCE_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000, 60000, 60000];
const MEASURED_S = 5; // how long a pace is measured before it is believed

export class Files {
  #address;
  #text;
  #parts;
  #say;
  #settled;
  #waiting = /** @type {File[]} */ ([]);
  #going = /** @type {Map<File, Going>} */ (new Map());
  #stopped = /** @type {Map<string, File>} */ (new Map()); // by id: paused by the clerk, or by a lost connection

  /**
   * @param {string} address where files are sent
   * @param {Text} text
   * @param {Parts} parts
   * @param {(text: string) => void} say
   * @param {(whole: boolean) => void} settled called when no file is on its way; `whole` if none was stopped
   */
  constructor(address, text, parts, say, settled) {
    this.#address = address;
    this.#text = text;
    this.#parts = parts;
    this.#say = say;
    this.#settled = settled;
    parts.onPause = (id) => this.#toggle(id);
    addEventListener("online", () => this.#resumeAll());
  }

  get busy() {
    return this.#going.size + this.#waiting.length > 0;
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      if (this.#parts.has(markOf(file))) this.#say(this.#text("already", { name: file.name }));
      else if (![...this.#going.keys(), ...this.#waiting].some((other) => markOf(other) === markOf(file))) {
        this.#waiting.push(file);
      }
    }
    this.#next();
  }

  /**
   * A file was removed from the list.
   * @param {string} id
   */
  forget(id) {
    this.#halt(id);
    this.#stopped.delete(id);
    this.#parts.forget(id);
    this.#next();
  }

  #next() {
    while (this.#going.size < AT_ONCE) {
      const file = this.#waiting.shift();
      if (!file) break;
      this.#start(file);
    }
    if (!this.busy) this.#settled(this.#stopped.size === 0);
  }

  /**
   * Stops a file that is on its way. Returns it, and how far it was.
   * @param {string} id
   */
  #halt(id) {
    const entry = [...this.#going].find(([, going]) => going.id === id);
    if (!entry) return null;
    const [file, { upload, percent }] = entry;
    upload.abort();
    this.#going.delete(file);
    return { file, percent };
  }

  /** @param {File} file */
  #start(file) {
    const known = this.#parts.unfinished(markOf(file));
    const upload = new tus.Upload(file, {
      endpoint: this.#address,
      uploadUrl: known ? `${this.#address}/${known}` : null,
      chunkSize: CHUNK,
      retryDelays: PATIENCE_MS,
      storeFingerprintForResuming: false, // the server knows its files by their mark, in any browser
      metadata: { filename: file.name, mark: markOf(file) },
      onUploadUrlAvailable: () => this.#announced(going),
      onProgress: (sent, total) => this.#progress(going, sent, total),
      onSuccess: () => this.#done(file, going),
      onError: (error) => this.#failed(file, going, error),
    });
    /** @type {Going} */
    const going = { upload, id: known, since: performance.now(), from: null, percent: 0 };
    this.#going.set(file, going);
    this.#say(this.#text("sending", { name: file.name }));
    going.upload.start();
  }

  /** @param {Going} going */
  #announced(going) {
    const fresh = !going.id;
    going.id = going.upload.url?.split("/").pop();
    if (fresh) this.#parts.keep();
  }

  /**
   * @param {Going} going
   * @param {number} sent
   * @param {number} total
   */
  #progress(going, sent, total) {
    if (!going.id) return;
    going.from ??= sent;
    const percent = (going.percent = Math.floor((100 * sent) / total));
    const seconds = (performance.now() - going.since) / 1000;
    const pace = (sent - going.from) / seconds; // bytes a second, since this page began
    const left = seconds > MEASURED_S && pace > 0 ? timeLeft((total - sent) / pace, this.#text) : "";
    this.#parts.figure(going.id, { percent, text: this.#text(left ? "coming_left" : "coming", { percent, left }) });
  }

  /**
   * @param {File} file
   * @param {Going} going
   */
  #done(file, going) {
    this.#going.delete(file);
    if (going.id) this.#parts.figure(going.id, { percent: 100, text: this.#text("whole"), whole: true });
    this.#say(this.#text("here", { name: file.name }));
    this.#parts.keep(); // by now the server has looked into the file: what it found is shown
    this.#next();
  }

  /**
   * @param {File} file
   * @param {Going} going
   * @param {Error | tus.DetailedError} error
   */
  #failed(file, going, error) {
    this.#going.delete(file);
    const { text, again } = failureOf("originalResponse" in error ? error.originalResponse : null, this.#text);
    if (going.id) {
      if (again) this.#stopped.set(going.id, file);
      this.#parts.figure(going.id, { percent: going.percent, text, wrong: true, paused: again, final: !again });
    } else {
      const notice = Object.assign(document.createElement("p"), { className: "field-error", textContent: text });
      required(document, "#depot").append(notice);
    }
    this.#say(text);
    this.#next();
  }

  /** @param {string} id */
  #toggle(id) {
    const stopped = this.#stopped.get(id);
    if (stopped) {
      this.#stopped.delete(id);
      this.#waiting.unshift(stopped);
      this.#next();
      return;
    }
    const halted = this.#halt(id);
    if (halted) {
      this.#stopped.set(id, halted.file);
      this.#parts.figure(id, { percent: halted.percent, text: this.#text("paused"), paused: true });
    }
    this.#next();
  }

  #resumeAll() {
    const stopped = [...this.#stopped.keys()];
    for (const id of stopped) this.#toggle(id);
  }
}

/**
 * What a file is known by, in any browser.
 * @param {Pick<File, "name" | "size" | "lastModified">} file
 */
export function markOf(file) {
  return `${file.name}|${file.size}|${file.lastModified}`;
}

/**
 * How long a file still takes, in words.
 * @param {number} seconds
 * @param {Text} text
 */
export function timeLeft(seconds, text) {
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 1) return text("soon");
  const [h, m] = [Math.floor(minutes / 60), String(minutes % 60).padStart(2, "0")];
  return minutes <= 60 ? text("minutes", { n: minutes }) : text("hours", { h, m });
}

/**
 * Why a file stopped, in words, and whether it may go on.
 * @param {Pick<tus.HttpResponse, "getStatus" | "getBody"> | null | undefined} response none where the line is cut
 * @param {Text} text
 */
export function failureOf(response, text) {
  if (!response) return { text: text("lost"), again: true };
  if (response.getStatus() === 401) return { text: text("expired"), again: true };
  try {
    const { detail } = JSON.parse(response.getBody());
    if (typeof detail === "string") return { text: detail, again: response.getStatus() !== 404 };
  } catch {
    // not ours: a proxy's page
  }
  return { text: text("refused"), again: true };
}
