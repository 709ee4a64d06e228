// The list of files in the form. The server makes it; this fetches it anew after each act, keeping what
// is typed, the focus, and the figures of the files that are on their way.

export class Parts {
  #form;
  #list;
  #unkept;
  #sent = Promise.resolve();
  pending = null; // what is being kept at the moment, if anything
  #figures = new Map(); // file id -> {percent, text, wrong, paused}
  onRemove = () => {};
  onPause = () => {};

  constructor(form, list, unkept) {
    this.#form = form;
    this.#unkept = unkept;
    this.#list = list;
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button.pause");
      if (button) this.onPause(button.closest("[data-file]").dataset.file);
    });
  }

  /** Have the server keep what is typed; the list as it is then is shown. */
  keep(act = "save") {
    // One after the other: an earlier state must not arrive last.
    const sent = this.#sent.then(() => this.#send(act)).catch(this.#unkept);
    this.#sent = this.pending = sent;
    sent.then(() => (this.pending = this.pending === sent ? null : this.pending));
    return sent;
  }

  async act(act, id, button) {
    if (act === "remove") this.onRemove(id);
    const next = button.closest("li")?.nextElementSibling ?? button.closest("li")?.previousElementSibling;
    const focus = act === "remove" ? next?.dataset.file : id;
    await this.keep(`${act}:${id}`);
    const again = this.#list.querySelector(`button[value="${act}:${focus}"]:not(:disabled)`);
    (again ?? this.#list.querySelector(`[data-file="${focus}"] button:not(:disabled):not([hidden])`)
      ?? document.getElementById("files")).focus();
  }

  /** A file that has come in part, and that is this very one: its id, to go on with. */
  unfinished(mark) {
    return this.#rows().find((row) => row.dataset.mark === mark && row.dataset.whole === "false")?.dataset.file;
  }

  has(mark) {
    return this.#rows().some((row) => row.dataset.mark === mark && row.dataset.whole === "true");
  }

  /** Show a field anew as the server has it. */
  async show(name) {
    const response = await fetch(this.#form.action, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById(name);
    if (fresh) document.getElementById(name).value = fresh.value;
  }

  figure(id, figure) {
    this.#figures.set(id, figure);
    this.#draw(id);
  }

  forget(id) {
    this.#figures.delete(id);
  }

  #rows() {
    return [...this.#list.querySelectorAll("[data-file]")];
  }

  async #send(act) {
    const body = new FormData(this.#form);
    for (const [name, value] of [...body]) {
      if (value instanceof File && !value.size) body.delete(name);
    }
    body.set("do", act);
    const response = await fetch(this.#form.action, { method: "POST", body, headers: { "X-Fragment": "parts" } });
    if (!response.ok && response.status !== 422) throw new Error(`${response.status}`);
    const focused = document.activeElement?.closest?.("#parties") ? document.activeElement : null;
    const [id, start, end] = [focused?.id, focused?.selectionStart, focused?.selectionEnd];
    const typed = focused?.value;
    this.#list.innerHTML = await response.text();
    for (const row of this.#rows()) this.#draw(row.dataset.file);
    const back = id && document.getElementById(id);
    if (back) {
      back.focus();
      if ("value" in back && typed !== undefined) back.value = typed;
      if (start !== undefined && start !== null) back.setSelectionRange?.(start, end);
    }
  }

  #draw(id) {
    const row = this.#list.querySelector(`[data-file="${id}"]`);
    const figure = this.#figures.get(id);
    if (!row || !figure) return;
    const [bar, told, pause] = ["progress", ".told", "button.pause"].map((what) => row.querySelector(what));
    if (figure.whole) row.dataset.whole = "true";
    bar.hidden = Boolean(figure.whole);
    bar.value = (bar.max * figure.percent) / 100;
    if (told.textContent !== figure.text) told.textContent = figure.text;
    row.querySelector(".come").classList.toggle("wrong", Boolean(figure.wrong));
    pause.hidden = Boolean(figure.whole) || figure.final;
    pause.textContent = figure.paused ? pause.dataset.resume : pause.dataset.pause;
  }
}
