// What the scripts of all pages share: the elements that a template promises, the element that an event
// happened in, sentences and times as they are shown, and the search in what is sorted by time.

/**
 * The element that a template promises under a selector. Throws where it is missing or of another type:
 * page and script disagree, and no reader can mend that.
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} within
 * @param {string} selector
 * @param {new () => T} [type]
 * @returns {T}
 */
export function required(within, selector, type = /** @type {any} */ (HTMLElement)) {
  const element = within.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`No ${type.name} "${selector}" on this page`);
  return element;
}

/**
 * All elements that fit a selector, none included.
 * @param {ParentNode} within
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export function all(within, selector) {
  return [...within.querySelectorAll(selector)].filter((element) => element instanceof HTMLElement);
}

/**
 * The one element that a `<template>` holds, to be imported into the page.
 * @param {Document} document
 * @param {string} selector
 */
export function templateOf(document, selector) {
  return required(required(document, selector, HTMLTemplateElement).content, "*");
}

/**
 * The element of a kind that an event happened in, or null.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closest(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/**
 * The button that a form was sent with, or null: a key or a script sent it.
 * @param {SubmitEvent} event
 */
export function submitButton(event) {
  return event.submitter instanceof HTMLButtonElement ? event.submitter : null;
}

/** @typedef {Record<string, string | number | null | undefined>} Values what a sentence of the catalogue names */

/**
 * A sentence of the catalogue with the values that it names in braces.
 * @param {string} sentence
 * @param {Values} values
 */
export function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {number} n */
const two = (n) => String(n).padStart(2, "0");

/**
 * A time as it is shown: hours, minutes, seconds.
 * @param {number} ms
 */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/**
 * How to scroll for a reader: at once where the system asks for less motion.
 * @returns {ScrollBehavior}
 */
export function scrolling() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

/**
 * The place of the last element that fits, in a list whose fitting elements stand first; -1 if none does.
 * @template T
 * @param {readonly T[]} list
 * @param {(element: T) => boolean} fits
 */
export function lastFitting(list, fits) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(list[middle])) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
