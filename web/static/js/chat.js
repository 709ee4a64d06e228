// The conversation: makes room for each new question, keeps the address of the newest, and says so when
// the server does not answer.
// htmx sends the question and puts the pieces in place.

export function followChat(document) {
  const form = document.getElementById("question");
  if (!form) return;
  const conversation = document.getElementById("conversation");
  const notice = document.getElementById("avis");

  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (!node.classList?.contains("exchange")) continue;
      keepAddress(node);
      welcome(node, form);
    }
  }).observe(conversation, { childList: true });

  new MutationObserver(() => notice.scrollIntoView({ block: "nearest" })).observe(notice, { childList: true });
  document.addEventListener("htmx:before:request", () => notice.replaceChildren());
  form.addEventListener("submit", letBrowse, { capture: true });
  for (const failure of ["htmx:error", "htmx:response:error", "htmx:sse:error"]) {
    document.addEventListener(failure, () => warn(notice, form.dataset.failed));
  }
  conversation.querySelector(".exchange:last-child")?.scrollIntoView({ block: "start" });
}

// Coming back, reloading and sharing find the newest answer. Replaced, not pushed: a step back leaves
// the conversation, as it does when a reader has asked only once.
function keepAddress(exchange) {
  history.replaceState(null, "", exchange.querySelector(".question a").href);
}

// Filters without a question lead to a page of their own: the browser sends them, not htmx.
function letBrowse(event) {
  const { q, encore } = event.currentTarget.elements;
  const chosen = [...event.currentTarget.querySelectorAll(".panel [name]")].some((field) => field.value);
  const alone = chosen && !encore && !q.value.trim();
  if (alone || event.submitter?.hasAttribute("formaction")) event.stopImmediatePropagation();
}

function welcome(exchange, form) {
  form.reset();
  form.elements.q.value = "";
  form.elements.q.removeAttribute("value");
  moveFocus(exchange, form);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  exchange.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

// The filters close over the answer. Whoever asked by the field goes on there; whoever asked by a link
// (a chip, an example) goes on at the new question.
function moveFocus(exchange, form) {
  const filters = form.querySelector(".filters");
  const there = exchange.ownerDocument.activeElement;
  const within = filters.contains(there);
  filters.open = false;
  if (within) filters.querySelector("summary").focus({ preventScroll: true });
  else if (!form.contains(there)) exchange.querySelector(".question a").focus({ preventScroll: true });
}

function warn(notice, text) {
  const line = Object.assign(notice.ownerDocument.createElement("p"), {
    className: "notice",
    textContent: text,
  });
  notice.replaceChildren(line);
}
