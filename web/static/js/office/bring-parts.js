// The list of files in the form. The server makes it; this fetches it anew after each act, keeping what
// is typed, the focus, and the figures of the files that are on their way.

import { all, closest, required } from "../page.js";

/**
 * How far a file has come, and what is said of it.
 * @typedef {{ percent: number, text: string, whole?: boolean, wrong?: boolean, paused?: boolean, final?: boolean }} Figure
 */

/** Does things one after the other: an earlier state must not reach the server last. */
export class InOrder {
  #newest = /** @type {Promise<unknown>} */ (Promise.resolve());
  #failed;
  /** @type {Promise<unknown> | null} what is being done at the moment, if anything */
  pending = null;

  /** @param {(error: unknown) => void} failed */
  constructor(failed) {
    this.#failed = failed;
  }

  /**
   * Resolves when the work is done or has failed.
   * @param {() => Promise<unknown>} work
   */
  async add(work) {
    const done = (this.#newest = this.pending = this.#newest.then(work).catch(this.#failed));
    await done;
    if (this.pending === done) this.pending = null;
  }
}

export class Parts {
  #form;
  #list;
  #sending;
  #figures = /** @type {Map<string, Figure>} */ (new Map()); // by the id of their file
  /** @param {string} _id */
  onRemove = (_id) => {};
  /** @param {string} _id */
  onPause = (_id) => {};

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} list
   * @param {() => void} unkept called when the server could not keep what is typed
   */
  constructor(form, list, unkept) {
    this.#form = form;
    this.#list = list;
    this.#sending = new InOrder(unkept);
    list.addEventListener("click", (event) => {
      const row = /** @type {HTMLElement | null | undefined} */ (closest(event, "button.pause")?.closest("[data-file]"));
      if (row) this.onPause(row.dataset.file ?? "");
    });
  }

  /** What is being kept at the moment, if anything. */
  get pending() {
    return this.#sending.pending;
  }

  /** Have the server keep what is typed; the list as it is then is shown. */
  keep(act = "save") {
    return this.#sending.add(() => this.#send(act));
  }

  /**
   * @param {string} act
   * @param {string} id
   * @param {HTMLElement} button
   */
  async act(act, id, button) {
    if (act === "remove") this.onRemove(id);
    const row = button.closest("li");
    const next = /** @type {HTMLElement | null | undefined} */ (row?.nextElementSibling ?? row?.previousElementSibling);
    const focus = act === "remove" ? next?.dataset.file : id;
    await this.keep(`${act}:${id}`);
    const [target] = [
      ...all(this.#list, `button[value="${act}:${focus}"]:not(:disabled)`),
      ...all(this.#list, `[data-file="${focus}"] button:not(:disabled):not([hidden])`),
      required(document, "#files"),
    ];
    target.focus();
  }

  /**
   * A file that has come in part, and that is this very one: its id, to go on with.
   * @param {string} mark
   */
  unfinished(mark) {
    return this.#rows().find((row) => row.dataset.mark === mark && row.dataset.whole === "false")?.dataset.file;
  }

  /** @param {string} mark */
  has(mark) {
    return this.#rows().some((row) => row.dataset.mark === mark && row.dataset.whole === "true");
  }

  /**
   * Show a field anew as the server has it, with the seal of that text.
   * @param {string} name
   */
  async show(name) {
    const response = await fetch(this.#form.action, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of [name, `was-${name}`]) {
      const [fresh, field] = [page, this.#form].map((within) => within.querySelector(`[name="${id}"]`));
      if (isField(fresh) && isField(field)) field.value = fresh.value;
    }
  }

  /**
   * @param {string} id
   * @param {Figure} figure
   */
  figure(id, figure) {
    this.#figures.set(id, figure);
    this.#draw(id);
  }

  /** @param {string} id */
  forget(id) {
    this.#figures.delete(id);
  }

  #rows() {
    return all(this.#list, "[data-file]");
  }

  /** @param {string} act */
  async #send(act) {
    const body = new FormData(this.#form);
    const empty = [...body].filter(([, value]) => value instanceof File && !value.size);
    for (const [name] of empty) body.delete(name);
    body.set("do", act);
    const response = await fetch(this.#form.action, { method: "POST", body, headers: { "X-Fragment": "parts" } });
    if (!response.ok && response.status !== 422) throw new Error(`${response.status}`);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const restore = keepFocus(this.#list); // nothing is waited for from here to where it is given back
    for (const read of all(page, "[data-for]")) show(read);
    this.#list.innerHTML = page.body.innerHTML;
    for (const row of this.#rows()) this.#draw(row.dataset.file ?? "");
    restore();
  }

  /** @param {string} id */
  #draw(id) {
    const row = /** @type {HTMLElement | null} */ (this.#list.querySelector(`[data-file="${id}"]`));
    const figure = this.#figures.get(id);
    if (!row || !figure) return;
    const bar = required(row, "progress", HTMLProgressElement);
    const status = required(row, ".told");
    const pause = required(row, "button.pause");
    if (figure.whole) row.dataset.whole = "true";
    bar.hidden = Boolean(figure.whole);
    bar.value = (bar.max * figure.percent) / 100;
    if (status.textContent !== figure.text) status.textContent = figure.text;
    required(row, ".come").classList.toggle("wrong", Boolean(figure.wrong));
    pause.hidden = Boolean(figure.whole || figure.final);
    pause.textContent = (figure.paused ? pause.dataset.resume : pause.dataset.pause) ?? "";
  }
}

/**
 * Shows what the server understood of a field, beside it, and takes it from the page that it came in.
 * @param {HTMLElement} read
 */
function show(read) {
  const place = required(document, `#${read.dataset.for}`);
  const closed = place.querySelector("details:not([open])");
  if (place.innerHTML !== read.innerHTML) place.replaceChildren(...read.childNodes);
  if (closed) place.querySelector("details")?.removeAttribute("open");
  read.remove();
}

/**
 * @param {Element | null} element
 * @returns {element is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement}
 */
function isField(element) {
  return ["INPUT", "SELECT", "TEXTAREA"].includes(element?.tagName ?? "");
}

/**
 * Remembers the element of a list that has the focus, what is typed in it and where, by its id. Returns how
 * to give them to the element that has the id once the list was made anew.
 * @param {HTMLElement} list
 */
function keepFocus(list) {
  const before = document.activeElement;
  if (!(before instanceof HTMLElement && before.id && list.contains(before))) return () => {};
  const value = isField(before) ? before.value : "";
  const caret = before instanceof HTMLInputElement ? [before.selectionStart, before.selectionEnd] : [null, null];
  return () => {
    const after = document.getElementById(before.id);
    after?.focus();
    if (isField(after)) after.value = value;
    if (after instanceof HTMLInputElement && caret[0] !== null) after.setSelectionRange(caret[0], caret[1]);
  };
}
