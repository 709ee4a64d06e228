// Copies a quotation with its reference, or a link to a moment.
import { closest, required } from "./page.js";

const SHOWN_MS = 2000; // long enough to read "copied", short enough for the next press

/** @param {Document} document */
export function copyOnClick(document) {
  document.addEventListener("click", (event) => {
    const button = closest(event, "[data-copy-page]");
    if (button) copy(button);
  });
}

/** @param {HTMLElement} button */
async function copy(button) {
  const { copy: text, copyPage = "" } = button.dataset;
  const address = new URL(copyPage, location.href).href;
  await write(text ? `${text}\n${address}` : address);
  confirm(button);
}

/**
 * Says for a moment, on a button, that what it stands for is copied.
 * @param {HTMLElement} button
 */
export function confirm(button) {
  const { copied = "" } = button.dataset;
  const label = required(button, "span");
  const before = label.textContent;
  if (before === copied) return;
  label.textContent = copied;
  setTimeout(() => (label.textContent = before), SHOWN_MS);
}

/**
 * The clipboard API needs https (or this very machine); a selection works everywhere.
 * @param {string} text
 */
export async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  area.className = "visually-hidden";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
