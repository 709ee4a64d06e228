// Copies a quotation with its reference, or a link to a moment.

const SHOWN_MS = 2000;

export function copyOnClick(document) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy-page]");
    if (button) copy(button);
  });
}

async function copy(button) {
  const { copy: text, copyPage, copied } = button.dataset;
  const address = new URL(copyPage, location.href).href;
  await write(text ? `${text}\n${address}` : address);
  const label = button.querySelector("span");
  const before = label.textContent;
  if (before === copied) return;
  label.textContent = copied;
  setTimeout(() => (label.textContent = before), SHOWN_MS);
}

/** The clipboard API needs https (or this very machine); a selection works everywhere. */
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
