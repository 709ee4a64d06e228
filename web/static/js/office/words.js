// Text and its words on the page: ranges, the character under a pointer, what differs between two texts.
// Words are never elements: a session has 25,000 of them (see CSS Custom Highlights in the design).

/** @import { Turn } from "./transcript.js" */
/** @typedef {{ kind: "same" | "gone" | "new", text: string }} Piece */

/**
 * A range over a word of a turn, within the element that holds its text in one node.
 * @param {HTMLElement} element
 * @param {Turn} turn
 * @param {number} word
 */
export function wordRange(element, turn, word, last = word) {
  const node = element.firstChild;
  if (!(node instanceof Text) || !turn.words[last]) return null;
  const start = turn.offsets[word];
  const end = turn.offsets[last] + turn.words[last][2].length;
  if (end > node.length) return null;
  return new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end });
}

/**
 * The character of a text node under a point of the window, or null.
 * @param {Document} document
 * @param {number} x
 * @param {number} y
 * @returns {{ node: Node, offset: number } | null}
 */
export function characterAt(document, x, y) {
  if (document.caretPositionFromPoint) {
    const caret = document.caretPositionFromPoint(x, y);
    return caret && { node: caret.offsetNode, offset: caret.offset };
  }
  const range = document.caretRangeFromPoint?.(x, y);
  return range ? { node: range.startContainer, offset: range.startOffset } : null;
}

const SIGNS = /[\s.,;:!?…«»"“”()\u00a0\u202f]/;

/**
 * A word less the signs around it: what is selected, so that typing keeps them.
 * @param {string} text
 */
export function bare(text) {
  let start = 0;
  let end = text.length;
  while (start < end && SIGNS.test(text[start])) start++;
  while (end > start && SIGNS.test(text[end - 1])) end--;
  return start < end ? { start, end } : { start: 0, end: text.length };
}

/**
 * The same, as text.
 * @param {string} text
 */
export function strip(text) {
  const { start, end } = bare(text);
  return text.slice(start, end);
}

/**
 * Text as it is compared: case and accents do not count.
 * @param {string} text
 */
export function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[’']/g, "'").trim();
}

const MOST = 1200; // words in the middle of two texts: beyond, they are shown as wholly different

/**
 * What differs between two texts, word by word.
 * @param {string} before
 * @param {string} after
 * @returns {Piece[]}
 */
export function difference(before, after) {
  const a = before.split(/(?<= )/);
  const b = after.split(/(?<= )/);
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head].trim() === b[head].trim()) head++;
  let tail = 0;
  const room = Math.min(a.length, b.length) - head;
  while (tail < room && a[a.length - 1 - tail].trim() === b[b.length - 1 - tail].trim()) tail++;
  const middle = aligned(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const pieces = [...b.slice(0, head).map(same), ...middle, ...b.slice(b.length - tail).map(same)];
  return joined(pieces);
}

/** @type {(text: string) => Piece} */
const same = (text) => ({ kind: "same", text });
/** @type {(text: string) => Piece} */
const gone = (text) => ({ kind: "gone", text });
/** @type {(text: string) => Piece} */
const fresh = (text) => ({ kind: "new", text });

/**
 * Neighbours of one kind become one piece. The last word of the later text has no space after it: what is gone
 * behind it brings its own.
 * @param {Piece[]} pieces
 */
function joined(pieces) {
  /** @type {Piece[]} */
  const runs = [];
  for (const { kind, text } of pieces) {
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text) runs.push({ kind, text: kind === "gone" && last && !last.text.endsWith(" ") ? ` ${text}` : text });
  }
  return runs;
}

/**
 * The longest common row of words of two texts, and what lies between.
 * @param {string[]} a
 * @param {string[]} b
 */
function aligned(a, b) {
  if (a.length * b.length > MOST * MOST) return [...a.map(gone), ...b.map(fresh)];
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const like = a[i].trim() === b[j].trim();
      length[i][j] = like ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const pieces = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i].trim() === b[j].trim()) {
      pieces.push(same(b[j++]));
      i++;
    } else if (j >= b.length || (i < a.length && length[i + 1][j] >= length[i][j + 1])) pieces.push(gone(a[i++]));
    else pieces.push(fresh(b[j++]));
  }
  return pieces;
}

/**
 * Two texts that differ in one place of at most three words: what was there, and what is. Else null.
 * @param {string} before
 * @param {string} after
 * @returns {{ gone: string, fresh: string } | null}
 */
export function correction(before, after) {
  const pieces = difference(before, after);
  const changed = pieces.filter((piece) => piece.kind !== "same");
  if (changed.length !== 2 || pieces.indexOf(changed[1]) !== pieces.indexOf(changed[0]) + 1) return null;
  /** @param {Piece["kind"]} kind */
  const changedText = (kind) => strip(changed.find((piece) => piece.kind === kind)?.text ?? "");
  const pair = { gone: changedText("gone"), fresh: changedText("new") };
  const short = Object.values(pair).every((text) => text && text.split(" ").length <= 3);
  return short && pair.gone !== pair.fresh ? pair : null;
}

/**
 * Puts a text with its marks into an element.
 * @param {HTMLElement} element
 * @param {Piece[]} pieces
 * @param {"before" | "after" | "both"} side which of the two texts is shown
 */
export function showDifference(element, pieces, side = "both") {
  const kept = pieces.filter(({ kind }) => side === "both" || kind !== (side === "before" ? "new" : "gone"));
  element.replaceChildren(
    ...kept.map(({ kind, text }) => {
      if (kind === "same") return element.ownerDocument.createTextNode(text);
      const mark = element.ownerDocument.createElement(kind === "gone" ? "del" : "ins");
      mark.textContent = text.trimEnd();
      const fragment = element.ownerDocument.createDocumentFragment();
      fragment.append(mark, text.slice(text.trimEnd().length));
      return fragment;
    }),
  );
}

/**
 * Text whose French punctuation never begins a line. For the page's own sentences, never for a turn's words.
 * @param {string} text
 */
export function typeset(text) {
  return text.replace(/ (?=[:;?!»])|(?<=«) /g, "\u00a0");
}
