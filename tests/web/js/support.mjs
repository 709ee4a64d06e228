// What the tests share: a session's transcript as the server sends it, and the little of a page that the
// line to the server and the drafts need.

/**
 * A turn of words, each of a second, from a moment on.
 * @param {number} index
 * @param {number} start
 * @param {string} text
 */
export function rawTurn(index, start, text, { speaker = "A", confidence = 1 } = {}) {
  const words = text
    .split(" ")
    .filter(Boolean)
    .map((word, n) => [start + n * 1000, start + n * 1000 + 800, word, confidence, null]);
  return { index, revision: 1, speaker, words, checked: false };
}

/** What goes with the turns in every answer. */
export function standing(values = {}) {
  return {
    revision: 1,
    closed: [],
    withheld: [],
    unheard: [],
    speakers: [
      { label: "A", person: "Mme Arnaud", shown: "Mme Arnaud", reason: null },
      { label: "B", person: null, shown: "Voix 1", reason: null },
    ],
    review: [],
    likely_errors: null,
    reviewed: null,
    can_undo: false,
    can_redo: false,
    ...values,
  };
}

/** A transcript as the server sends it. */
export function rawTranscript(turns, values = {}) {
  return {
    session: { id: "s1", duration_ms: 60_000, has_audio: true, is_recorded: true, audio_opus: null, audio_mp3: null },
    people: [],
    agenda: [],
    turns,
    doubtful_below: 0.5,
    ...standing(values),
  };
}

/** What a delta says that does nothing but what it is given. */
export function delta(values = {}) {
  return { splices: [], own: [], checked: [], ...standing({ revision: 2 }), ...values };
}

/** The storage of a browser, in a map: keys are enumerable, as a page's drafts need them. */
export function storage() {
  return Object.defineProperties(
    {},
    {
      setItem: { value(name, text) { this[name] = String(text); } },
      getItem: { value(name) { return this[name] ?? null; } },
      removeItem: { value(name) { delete this[name]; } },
    },
  );
}

/** Gives modules the events of a window and a document that is in sight. */
export function openPage() {
  const window = new EventTarget();
  globalThis.addEventListener = window.addEventListener.bind(window);
  globalThis.dispatchEvent = window.dispatchEvent.bind(window);
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
}

/** A server that answers a row of requests as they come, and keeps what was asked. */
export function server(...answers) {
  const requests = [];
  globalThis.fetch = async (path, { body } = {}) => {
    requests.push({ path, body: body && JSON.parse(body) });
    const answer = answers.shift();
    if (!answer) throw new TypeError("no line");
    const { status = 200, json = {} } = answer;
    return status === 0 ? { ok: false, status: 0 } : new Response(status === 204 ? null : JSON.stringify(json), { status });
  };
  return requests;
}

/** Lets all that waits for no timer come through. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
