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

function welcome(exchange, form) {
  form.reset();
  form.elements.q.value = "";
  form.elements.q.removeAttribute("value");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  exchange.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function warn(notice, text) {
  const line = Object.assign(notice.ownerDocument.createElement("p"), {
    className: "notice",
    textContent: text,
  });
  notice.replaceChildren(line);
}
