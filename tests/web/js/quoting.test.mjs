import assert from "node:assert/strict";
import { test } from "node:test";
import { intervalOf, moved, reference } from "../../../web/static/js/quoting.js";
import { charactersOf, wordsBetween } from "../../../web/static/js/spoken-words.js";

const WORDS = [
  [1000, 1400, "Le"],
  [1400, 1800, "budget"],
  [2500, 3000, "est"],
];
const TEXT = WORDS.map(([, , word]) => word).join(" ");

const ends = ([{ first, last }]) => [first, last];

test("a word's characters are those of the text that joins the words by spaces", () => {
  for (const [n, [, , word]] of WORDS.entries()) {
    const { start, end } = charactersOf(WORDS, n);
    assert.equal(TEXT.slice(start, end), word);
  }
});

test("a selection grows to whole words, and takes none that it only touches", () => {
  const places = [[0, 1], [1, 4], [2, 10], [2, 3], [9, 10], [0, 13]];
  const chosen = places.map(([from, to]) => wordsBetween(WORDS, from, to));
  assert.deepEqual(chosen, [
    { first: 0, last: 0 }, { first: 0, last: 1 }, { first: 1, last: 1 }, null, null, { first: 0, last: 2 },
  ]);
});

test("an end moves by a word, within its turn, and some word is always left", () => {
  const part = { words: WORDS, first: 1, last: 1 };
  assert.deepEqual(ends(moved([part], "first", -1)), [0, 1]);
  assert.deepEqual(ends(moved([part], "last", 1)), [1, 2]);
  assert.deepEqual(ends(moved([part], "first", 1)), [1, 1]);
  assert.deepEqual(ends(moved([{ ...part, last: 2 }], "last", 1)), [1, 2]);
  assert.deepEqual(moved([part, { words: WORDS, first: 0, last: 0 }], "last", -1), [part]);
});

test("an interval goes from the first word to the last, and the reference names each speaker", () => {
  assert.deepEqual(intervalOf([{ words: WORDS, first: 1, last: 2 }]), { start: 1400, end: 3000 });
  assert.equal(reference([{ name: "A (PS)", text: "Oui." }], "Conseil, 0:01:00"), "« Oui. »\nA (PS), Conseil, 0:01:00.");
  const both = reference([{ name: "A", text: "Oui." }, { name: "B", text: "Non." }], "Conseil");
  assert.equal(both, "A : « Oui. »\nB : « Non. »\nConseil.");
});
