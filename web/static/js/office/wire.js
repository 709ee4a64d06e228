// The line to the server: one request after the other, tried again until it is through.
// Nothing is given up silently: the page shows what waits, and a refusal is handed back with its reason.

/** @import { Delta } from "./transcript.js" */
/** @typedef {"saving" | "saved" | "offline" | "signed-out"} WireState */
/** @typedef {{ detail?: string, delta?: Delta }} Problem RFC 9457, with what stands now beside it */
/**
 * A request that waits for its turn.
 * @typedef {object} Job
 * @property {string | (() => string)} path
 * @property {(() => object) | null} make
 * @property {(answer: any) => unknown} done
 * @property {boolean} changes
 * @property {(() => Promise<boolean>) | null} lost
 * @property {((problem: Problem) => unknown) | null} refused
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */

const WAITS_MS = [1000, 2000, 5000, 10_000]; // before each new try; the last again and again
const KEEPALIVE_BYTES = 50_000; // a page that is left still sends its last text: browsers allow 64 KiB

/** The server's answer to a request that it will not do. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {Problem} problem
   */
  constructor(status, problem) {
    super(problem.detail ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

export class Wire {
  #base;
  #queue = /** @type {Job[]} */ ([]);
  #running = /** @type {Promise<void> | null} */ (null);
  #failing = false;
  #wake = /** @type {(() => void) | null} */ (null);
  #show;

  /**
   * @param {string} base what all paths begin with
   * @param {(state: WireState, waiting: number) => void} show
   */
  constructor(base, show) {
    this.#base = base;
    this.#show = show;
    addEventListener("online", () => this.#wake?.());
    document.addEventListener("visibilitychange", () => this.#wake?.());
  }

  get waiting() {
    return this.#queue.filter((job) => job.changes).length;
  }

  get idle() {
    return this.#queue.length === 0;
  }

  /** Resolves once all that was sent is through: what the server tells of it has been taken in. */
  async through() {
    await this.#running;
  }

  /**
   * Asks now, beside the queue, and does not insist.
   * @param {string} path
   * @param {object} [body]
   * @returns {Promise<any>}
   */
  async ask(path, body) {
    const answer = await this.#fetch(path, body);
    if (!answer.ok) throw new Refusal(answer.status, await problemOf(answer));
    return answer.status === 204 ? null : answer.json();
  }

  /**
   * Sends when all before it is through. Resolves to what `done` gives, or to null where nothing was done now.
   * @template T
   * @param {string | (() => string)} path
   * @param {(() => object) | null} make the body, as it is at that moment
   * @param {(answer: any) => T | Promise<T>} done takes the answer in before the next request leaves
   * @param {object} [options]
   * @param {boolean} [options.changes] false for a question: it is not tried again
   * @param {(() => Promise<boolean>) | null} [options.lost] asked before a second try: did the first get through?
   * @param {((problem: Problem) => unknown) | null} [options.refused]
   * @returns {Promise<T | null>}
   */
  send(path, make, done, { changes = true, lost = null, refused = null } = {}) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ path, make, done, changes, lost, refused, resolve, reject });
      if (changes) this.#show("saving", this.waiting);
      this.#running ??= this.#run();
    });
  }

  async #run() {
    while (this.#queue.length) {
      const job = this.#queue[0];
      try {
        job.resolve(await this.#through(job));
      } catch (error) {
        job.reject(error);
      }
      this.#queue.shift();
    }
    this.#running = null;
    if (!this.#failing) this.#show("saved", 0);
  }

  /** @param {Job} job */
  async #through(job) {
    for (let tries = 0; ; tries++) {
      if (tries && job.lost && (await this.#wasDone(job))) return (this.#failing = false), null;
      const answer = await this.#try(job);
      const signedOut = answer !== null && [401, 0].includes(answer.status);
      this.#failing = !answer || answer.status >= 500 || signedOut;
      if (answer?.ok) return job.done(answer.status === 204 ? null : await answer.json());
      if (answer && !this.#failing && answer.status !== 429) return this.#refuse(job, answer.status, await problemOf(answer));
      this.#show(signedOut ? "signed-out" : "offline", this.waiting);
      if (!job.changes) return null; // asked again soon
      await this.#pause(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
    }
  }

  /**
   * @param {Job} job
   * @param {number} status
   * @param {Problem} problem
   */
  async #refuse(job, status, problem) {
    await job.refused?.(problem);
    throw new Refusal(status, problem);
  }

  /** @param {Job} job */
  async #wasDone(job) {
    try {
      return await job.lost?.();
    } catch {
      return false; // still no line: the next try tells
    }
  }

  /** @param {Job} job */
  async #try(job) {
    try {
      const path = typeof job.path === "function" ? job.path() : job.path;
      return await this.#fetch(path, job.make?.());
    } catch (error) {
      if (error instanceof TypeError) return null; // no line
      throw error;
    }
  }

  /**
   * @param {string} path
   * @param {object} [body]
   */
  #fetch(path, body) {
    const headers = { Accept: "application/json", ...(body && { "Content-Type": "application/json" }) };
    const sent = body && JSON.stringify(body);
    const method = body ? "POST" : "GET";
    const keepalive = Boolean(sent && sent.length < KEEPALIVE_BYTES);
    return fetch(this.#base + path, { method, headers, body: sent, redirect: "manual", keepalive });
  }

  /**
   * @param {number} ms
   * @returns {Promise<void>}
   */
  #pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => (clearTimeout(timer), resolve());
    });
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<Problem>}
 */
async function problemOf(answer) {
  try {
    return await answer.json();
  } catch {
    return {}; // not ours: a proxy's page
  }
}
