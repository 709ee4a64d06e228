import assert from "node:assert/strict";
import { test } from "node:test";
import { blockAt, spokenWord } from "../../../web/static/js/follow.js";

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
