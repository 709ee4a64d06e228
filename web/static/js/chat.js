// The conversation: shows a question at once, makes room for its answer, keeps the address of all that was
// asked, and says so when the server does not answer.
// htmx sends the question and puts the pieces in place.
import { keepAsked, listAsked } from "./asked.js";
import { all, closest, required, scrolling, templateOf } from "./page.js";

const MOST_RESTORED = 20; // exchanges that come back with a page; each is asked again

/** @param {Document} document */
export function followChat(document) {
  if (document.getElementById("question")) new Chat(document).follow();
}

class Chat {
  #document;
  #form;
  #conversation;
  #notice;
  #sending = /** @type {{ element: HTMLElement, typed: string } | null} */ (null); // until its answer begins
  #source = /** @type {HTMLElement | null} */ (null); // what asked last: the form, a chip, an example
  #sources = /** @type {WeakMap<Element, HTMLElement>} */ (new WeakMap()); // by exchange

  /** @param {Document} document */
  constructor(document) {
    this.#document = document;
    this.#form = required(document, "#question", HTMLFormElement);
    this.#conversation = required(document, "#conversation");
    this.#notice = required(document, "#avis");
  }

  follow() {
    this.#keepConversation();
    listAsked(this.#document);
    new MutationObserver((changes) => {
      for (const node of changes.flatMap((change) => [...change.addedNodes])) this.#added(node);
    }).observe(this.#conversation, { childList: true });
    new MutationObserver(() => this.#notice.scrollIntoView({ block: "nearest" })).observe(this.#notice, {
      childList: true,
    });
    this.#form.addEventListener("submit", (event) => letBrowse(event, this.#form), { capture: true });
    this.#document.addEventListener("submit", (event) => this.#once(event, "form"), { capture: true });
    this.#document.addEventListener("click", (event) => this.#once(event, "a"), { capture: true });
    this.#document.addEventListener("click", (event) => this.#stop(closest(event, "[data-act='stop']")?.closest(".exchange")));
    this.#document.addEventListener("htmx:before:request", (event) => asks(event) && this.#ask(event));
    for (const failure of ["htmx:error", "htmx:response:error", "htmx:sse:error", "htmx:sse:close"]) {
      this.#document.addEventListener(failure, (event) => asks(event) && this.#over());
    }
  }

  /**
   * A double click asks once: nothing more is sent before the answer begins.
   * @param {Event} event
   * @param {string} kind of element that asks when this happens to it
   */
  #once(event, kind) {
    if (!this.#sending || !closest(event, `${kind}[hx-target="#conversation"]`)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /**
   * The question stands in the conversation before the server has said a word.
   * @param {Event} event
   */
  #ask(event) {
    const source = /** @type {HTMLElement} */ (event.target);
    this.#source = source;
    const field = questionField(this.#form);
    const typed = source === this.#form ? field.value : "";
    const element = /** @type {HTMLElement} */ (
      this.#document.importNode(templateOf(this.#document, "#question-envoyee"), true)
    );
    required(element, ".question").textContent = typed || source.textContent.trim();
    this.#notice.replaceChildren();
    this.#sending = { element, typed };
    if (source === this.#form && !typed) return; // filters alone, or nothing: the server says which
    if (source === this.#form) field.value = "";
    this.#conversation.append(element);
    element.scrollIntoView({ block: "start", behavior: scrolling() });
  }

  /** @param {Node} node */
  #added(node) {
    if (!(node instanceof HTMLElement && node.matches(".exchange[id]"))) return;
    if (node.hasAttribute("data-restored")) return;
    this.#sending?.element.remove();
    this.#sending = null;
    if (this.#source) this.#sources.set(node, this.#source);
    history.replaceState({ asked: [...asked(), ownLink(node).href] }, "", ownLink(node).href);
    keepAsked(this.#document, ownLink(node));
    for (const language of this.#document.querySelectorAll("a[hreflang]")) {
      if (language instanceof HTMLAnchorElement) language.search = ownLink(node).search; // the same question
    }
    welcome(node, this.#form);
  }

  /**
   * This answer is not waited for any more: what was asked can be asked again.
   * @param {Element | null | undefined} exchange
   */
  #stop(exchange) {
    if (!(exchange instanceof HTMLElement)) return;
    const source = this.#sources.get(exchange);
    if (source) htmx.trigger(source, "htmx:abort");
    this.#cut(exchange);
    questionField(this.#form).focus();
  }

  /** The stream has ended, well or not: what has no answer by now gets none. */
  #over() {
    const field = questionField(this.#form);
    if (this.#sending) {
      const { element, typed } = this.#sending;
      this.#sending = null;
      element.remove();
      field.value ||= typed;
      if (!this.#notice.childElementCount) this.#notice.replaceChildren(this.#line(this.#form.dataset.failed ?? ""));
    }
    for (const exchange of all(this.#conversation, ".exchange[id]:has(> .state > .searching)")) this.#cut(exchange);
  }

  /** @param {HTMLElement} exchange whose answer will not come */
  #cut(exchange) {
    const again = Object.assign(this.#document.createElement("a"), {
      href: ownLink(exchange).href,
      textContent: this.#form.dataset.again,
    });
    const line = this.#line(`${this.#form.dataset.cut} `);
    line.append(again);
    required(exchange, ".state").replaceChildren(line);
  }

  /** @param {string} text */
  #line(text) {
    return Object.assign(this.#document.createElement("p"), { className: "notice", textContent: text });
  }

  /**
   * Coming back, reloading and sharing lead to the newest answer; to this reader, in this window, with
   * those before it. Replaced, not pushed: a step back leaves the conversation.
   */
  #keepConversation() {
    const newest = this.#conversation.querySelector(".exchange");
    if (!(newest instanceof HTMLElement)) return;
    const { href } = ownLink(newest);
    const earlier = asked().at(-1) === href ? asked().slice(0, -1) : [];
    history.replaceState({ asked: [...earlier, href] }, "");
    keepAsked(this.#document, ownLink(newest));
    this.#restore(earlier.slice(-MOST_RESTORED), newest);
  }

  /**
   * @param {string[]} addresses in the order in which they were asked
   * @param {HTMLElement} newest
   */
  async #restore(addresses, newest) {
    newest.scrollIntoView({ block: "start" });
    for (const address of addresses) {
      const response = await fetch(address).catch(() => null);
      if (!response?.ok) continue; // off line: the newest stands alone
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const exchange = page.querySelector("#conversation .exchange");
      if (!(exchange instanceof HTMLElement)) continue;
      exchange.dataset.restored = "";
      exchange.querySelector("[hx-trigger='load']")?.remove(); // what comes after an answer was shown with it
      newest.before(exchange);
      htmx.process(exchange);
    }
    newest.scrollIntoView({ block: "start" });
  }
}

/**
 * Is it about a question, and not about the filters' fields?
 * @param {Event} event
 */
const asks = ({ target }) => target instanceof Element && target.getAttribute("hx-target") === "#conversation";

/**
 * The addresses of the exchanges of this conversation, oldest first.
 * @returns {string[]}
 */
const asked = () => history.state?.asked ?? [];

/** @param {HTMLElement} exchange */
const ownLink = (exchange) => required(exchange, ".question a", HTMLAnchorElement);

/** @param {HTMLFormElement} form */
const questionField = (form) => required(form, "[name=q]", HTMLInputElement);

/**
 * Filters without a question lead to a page of their own: the browser sends them, not htmx.
 * @param {SubmitEvent} event
 * @param {HTMLFormElement} form
 */
function letBrowse(event, form) {
  const fields = /** @type {(HTMLInputElement | HTMLSelectElement)[]} */ (all(form, ".panel [name]"));
  const filtered = fields.some((field) => field.value);
  const followsUp = form.elements.namedItem("encore");
  const alone = filtered && !followsUp && !questionField(form).value.trim();
  if (alone || event.submitter?.hasAttribute("formaction")) event.stopImmediatePropagation();
}

/**
 * @param {HTMLElement} exchange
 * @param {HTMLFormElement} form
 */
function welcome(exchange, form) {
  const question = questionField(form);
  const typed = question.value; // meanwhile
  question.removeAttribute("value");
  form.reset();
  question.value = typed;
  moveFocus(exchange, form);
  exchange.scrollIntoView({ block: "start", behavior: scrolling() });
}

/**
 * The filters close over the answer. A reader who asked in the form stays in it; one who asked by a link
 * (a chip, an example) goes on at the new question.
 * @param {HTMLElement} exchange
 * @param {HTMLFormElement} form
 */
function moveFocus(exchange, form) {
  const filters = required(form, ".filters", HTMLDetailsElement);
  const focused = exchange.ownerDocument.activeElement;
  const within = filters.contains(focused);
  filters.open = false;
  if (within) required(filters, "summary").focus({ preventScroll: true });
  else if (!form.contains(focused)) ownLink(exchange).focus({ preventScroll: true });
}
