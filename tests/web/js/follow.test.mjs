import assert from "node:assert/strict";
import { test } from "node:test";
import { blockAt, sentenceStarts, spokenWord, stepFrom } from "../../../web/static/js/follow.js";

const BLOCKS = [
  { start: 1000, end: 2000 },
  { start: 2000, end: 3000 },
  { start: 5000, end: 6000 },
];
const WORDS = [
  [1000, 1400, "Le"],
  [1400, 1800, "budget"],
  [2500, 3000, "est"],
];

test("the block that is spoken is the one around the moment", () => {
  const places = [1000, 1999, 2000, 5500].map((ms) => BLOCKS.indexOf(blockAt(BLOCKS, ms)));
  assert.deepEqual(places, [0, 0, 1, 2]);
});

test("no block is spoken in a pause, before the first or after the last", () => {
  for (const ms of [0, 999, 3000, 4999, 6000]) assert.equal(blockAt(BLOCKS, ms), null);
  assert.equal(blockAt([], 10), null);
});

test("a word is lit from its start to its end, and none in between", () => {
  assert.deepEqual([1000, 1399, 1400, 2000, 2500, 3000].map((ms) => spokenWord(WORDS, ms)), [0, 0, 1, -1, 2, -1]);
});

test("a step leads to the next moment, to the start of what is heard, or to the one before", () => {
  const starts = [1000, 5000, 9000];
  assert.deepEqual([0, 1000, 5100, 9000].map((ms) => stepFrom(starts, ms, 1)), [1000, 5000, 9000, null]);
  assert.deepEqual([500, 1200, 4000, 5200, 8000].map((ms) => stepFrom(starts, ms, -1)), [null, null, 1000, 1000, 5000]);
});

test("a sentence begins with a turn, and after each sign that ends one", () => {
  const words = ["Oui.", "Et", "« non »", "?", "Bien…", "sûr"].map((text, n) => [n, n + 1, text]);
  assert.deepEqual(sentenceStarts(words), [0, 1, 4, 5]);
  assert.deepEqual(sentenceStarts([]), []);
});
