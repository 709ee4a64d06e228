// Files on their way to the server, by tus: two at a time, each going on where it was, in this page, in
// another one, days later. Knows nothing of the form but the list that shows them.

const CHUNK = 16 * 2 ** 20; // what is lost at most of an answer that does not come; proxies like it too
const AT_ONCE = 2;
const PATIENCE_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000, 60000, 60000, 60000];
const SOON_S = 5;

export class Files {
  #address;
  #text;
  #parts;
  #say;
  #settled;
  #waiting = [];
  #going = new Map(); // File -> {upload, id, since}
  #stopped = new Map(); // file id -> File: paused by somebody, or by a lost connection

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

  add(files) {
    for (const file of files) {
      if (this.#parts.has(markOf(file))) this.#say(this.#text("already", { name: file.name }));
      else if (![...this.#going.keys(), ...this.#waiting].some((other) => markOf(other) === markOf(file))) {
        this.#waiting.push(file);
      }
    }
    this.#next();
  }

  /** A file was taken out of the list. */
  forget(id) {
    for (const [file, going] of this.#going) {
      if (going.id !== id) continue;
      going.upload.abort();
      this.#going.delete(file);
    }
    this.#stopped.delete(id);
    this.#parts.forget(id);
    this.#next();
  }

  #next() {
    while (this.#going.size < AT_ONCE && this.#waiting.length) this.#start(this.#waiting.shift());
    if (!this.busy) this.#settled(this.#stopped.size === 0);
  }

  #start(file) {
    const known = this.#parts.unfinished(markOf(file));
    const going = { id: known, since: performance.now(), from: null, percent: 0 };
    going.upload = new tus.Upload(file, {
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
    this.#going.set(file, going);
    this.#say(this.#text("sending", { name: file.name }));
    going.upload.start();
  }

  #announced(going) {
    const fresh = !going.id;
    going.id = going.upload.url.split("/").pop();
    if (fresh) this.#parts.keep();
  }

  #progress(going, sent, total) {
    if (!going.id) return;
    going.from ??= sent;
    const percent = (going.percent = Math.floor((100 * sent) / total));
    const seconds = (performance.now() - going.since) / 1000;
    const pace = (sent - going.from) / seconds; // bytes a second, since this page began
    const left = seconds > SOON_S && pace > 0 ? this.#spoken((total - sent) / pace) : "";
    this.#parts.figure(going.id, { percent, text: this.#text(left ? "coming_left" : "coming", { percent, left }) });
  }

  #done(file, going) {
    this.#going.delete(file);
    this.#parts.figure(going.id, { percent: 100, text: this.#text("whole"), whole: true });
    this.#say(this.#text("here", { name: file.name }));
    this.#next();
  }

  #failed(file, going, error) {
    this.#going.delete(file);
    const { text, again } = this.#told(error);
    if (going.id) {
      if (again) this.#stopped.set(going.id, file);
      this.#parts.figure(going.id, { percent: going.percent, text, wrong: true, paused: again, final: !again });
    } else {
      const notice = Object.assign(document.createElement("p"), { className: "field-error", textContent: text });
      document.getElementById("depot").append(notice);
    }
    this.#say(text);
    this.#next();
  }

  #toggle(id) {
    const stopped = this.#stopped.get(id);
    if (stopped) {
      this.#stopped.delete(id);
      this.#waiting.unshift(stopped);
      this.#next();
      return;
    }
    for (const [file, going] of this.#going) {
      if (going.id !== id) continue;
      going.upload.abort();
      this.#going.delete(file);
      this.#stopped.set(id, file);
      this.#parts.figure(id, { percent: going.percent, text: this.#text("paused"), paused: true });
    }
    this.#next();
  }

  #spoken(seconds) {
    const minutes = Math.ceil(seconds / 60);
    if (minutes <= 1) return this.#text("soon");
    const [h, m] = [Math.floor(minutes / 60), String(minutes % 60).padStart(2, "0")];
    return minutes <= 60 ? this.#text("minutes", { n: minutes }) : this.#text("hours", { h, m });
  }

  #told(error) {
    const response = error.originalResponse;
    if (!response) return { text: this.#text("lost"), again: true };
    if (response.getStatus() === 401) return { text: this.#text("expired"), again: true };
    try {
      return { text: JSON.parse(response.getBody()).detail, again: response.getStatus() !== 404 };
    } catch {
      return { text: this.#text("refused"), again: true };
    }
  }

  #resumeAll() {
    for (const id of [...this.#stopped.keys()]) this.#toggle(id);
  }
}

function markOf(file) {
  return `${file.name}|${file.size}|${file.lastModified}`;
}
