// The line to the server: one request after the other, tried again until it is through.
// Nothing is given up silently: what waits is told, and what is refused is handed back with the reason.

const WAITS_MS = [1000, 2000, 5000, 10_000];

/** The server's answer to a request that it will not do; `problem` is its RFC 9457 account. */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `HTTP ${status}`);
    Object.assign(this, { status, problem });
  }
}

export class Wire {
  #base;
  #queue = [];
  #running = false;
  #failing = false;
  #wake = null;

  /** `told` is called with (state, waiting): "saving", "saved", "offline", "signed-out". */
  constructor(base, told) {
    this.#base = base;
    this.told = told;
    addEventListener("online", () => this.#wake?.());
    document.addEventListener("visibilitychange", () => this.#wake?.());
  }

  get waiting() {
    return this.#queue.filter((job) => job.changes).length;
  }

  get idle() {
    return this.#queue.length === 0;
  }

  /** Asks now, beside the queue, and does not insist. */
  async ask(path, body) {
    const answer = await this.#fetch(path, body);
    if (!answer.ok) throw new Refusal(answer.status, await problemOf(answer));
    return answer.status === 204 ? null : answer.json();
  }

  /**
   * Sends when all before it is through. `make` gives the body at that moment; `done` takes the answer in
   * before the next request leaves. `lost` is asked before a second try whether the first got through.
   */
  send(path, make, done, { changes = true, lost = null, refused = null } = {}) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ path, make, done, changes, lost, refused, resolve, reject });
      if (changes) this.told("saving", this.waiting);
      if (!this.#running) this.#run();
    });
  }

  async #run() {
    this.#running = true;
    while (this.#queue.length) {
      const job = this.#queue[0];
      try {
        job.resolve(await this.#through(job));
      } catch (error) {
        job.reject(error);
      }
      this.#queue.shift();
    }
    this.#running = false;
    if (!this.#failing) this.told("saved", 0);
  }

  async #through(job) {
    for (let tries = 0; ; tries++) {
      if (tries && job.lost && (await this.#wasDone(job))) return (this.#failing = false), null;
      const answer = await this.#try(job);
      this.#failing = !answer || answer.status >= 500 || [401, 0].includes(answer.status);
      if (answer?.ok) return job.done(answer.status === 204 ? null : await answer.json());
      const signedOut = answer && [401, 0].includes(answer.status);
      if (!this.#failing && answer.status !== 429) return this.#refuse(job, answer.status, await problemOf(answer));
      this.told(signedOut ? "signed-out" : "offline", this.waiting);
      if (!job.changes) return null; // asked again soon
      await this.#pause(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
    }
  }

  async #refuse(job, status, problem) {
    await job.refused?.(problem);
    throw new Refusal(status, problem);
  }

  async #wasDone(job) {
    try {
      return await job.lost();
    } catch {
      return false; // still no line: the next try tells
    }
  }

  async #try(job) {
    try {
      const path = typeof job.path === "function" ? job.path() : job.path;
      return await this.#fetch(path, job.make?.());
    } catch (error) {
      if (error instanceof TypeError) return null; // no line
      throw error;
    }
  }

  #fetch(path, body) {
    const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) };
    const sent = body && JSON.stringify(body);
    const method = body ? "POST" : "GET";
    return fetch(this.#base + path, { method, headers, body: sent, redirect: "manual", keepalive: Boolean(sent && sent.length < 50_000) });
  }

  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => (clearTimeout(timer), resolve());
    });
  }
}

async function problemOf(answer) {
  try {
    return await answer.json();
  } catch {
    return {}; // not ours: a proxy's page
  }
}
