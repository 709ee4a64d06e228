// The conversation: makes room for each new question, keeps the address of the newest, and says so when
// the server does not answer.
// htmx sends the question and puts the pieces in place.
import { all, required, scrolling } from "./page.js";

/** @param {Document} document */
export function followChat(document) {
  if (!document.getElementById("question")) return;
  const form = required(document, "#question", HTMLFormElement);
  const conversation = required(document, "#conversation");
  const notice = required(document, "#avis");

  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (!(node instanceof HTMLElement && node.classList.contains("exchange"))) continue;
      keepAddress(node);
      welcome(node, form);
    }
  }).observe(conversation, { childList: true });

  new MutationObserver(() => notice.scrollIntoView({ block: "nearest" })).observe(notice, { childList: true });
  document.addEventListener("htmx:before:request", () => notice.replaceChildren());
  form.addEventListener("submit", (event) => letBrowse(event, form), { capture: true });
  for (const failure of ["htmx:error", "htmx:response:error", "htmx:sse:error"]) {
    document.addEventListener(failure, () => warn(notice, form.dataset.failed ?? ""));
  }
  conversation.querySelector(".exchange:last-child")?.scrollIntoView({ block: "start" });
}

/** @param {HTMLElement} exchange */
const ownLink = (exchange) => required(exchange, ".question a", HTMLAnchorElement);

/** @param {HTMLFormElement} form */
const questionField = (form) => required(form, "[name=q]", HTMLInputElement);

/**
 * Coming back, reloading and sharing lead to the newest answer. Replaced, not pushed: a step back leaves
 * the conversation, as it does when a reader has asked only once.
 * @param {HTMLElement} exchange
 */
function keepAddress(exchange) {
  history.replaceState(null, "", ownLink(exchange).href);
}

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
  form.reset();
  const question = questionField(form);
  question.value = "";
  question.removeAttribute("value");
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

/**
 * @param {HTMLElement} notice
 * @param {string} text
 */
function warn(notice, text) {
  const line = Object.assign(notice.ownerDocument.createElement("p"), {
    className: "notice",
    textContent: text,
  });
  notice.replaceChildren(line);
}
