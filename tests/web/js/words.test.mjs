import assert from "node:assert/strict";
import { test } from "node:test";
import { bare, correction, difference, folded, strip, typeset } from "../../../web/static/js/office/words.js";

const words = (text) => text.split(/ +/).filter(Boolean);
const side = (pieces, kind) => pieces.filter((piece) => piece.kind !== kind).map(({ text }) => text).join("");

test("a word is selected less the signs around it", () => {
  assert.deepEqual(bare("«\u00a0Oui,"), { start: 2, end: 5 });
  assert.deepEqual(bare("…"), { start: 0, end: 1 }); // nothing but signs: all of it
  assert.equal(strip("(l’État)."), "l’État");
  assert.equal(strip(""), "");
});

test("case, accents and the kind of apostrophe do not count in a comparison", () => {
  assert.equal(folded(" L’ÉTÉ "), folded("l'ete"));
  assert.notEqual(folded("ete"), folded("etes"));
});

test("a difference holds both texts, whatever they are", () => {
  const texts = ["", "un", "un deux trois", "un deux trois quatre", "zéro un trois", "un  deux", "deux un", "un un un"];
  for (const before of texts) {
    for (const after of texts) {
      const pieces = difference(before, after);
      assert.deepEqual(words(side(pieces, "new")), words(before), `${before} > ${after}`);
      assert.equal(side(pieces, "gone"), after, `${before} > ${after}`);
    }
  }
});

test("a difference names no more words than changed, and neighbours are one piece", () => {
  assert.deepEqual(difference("le conseil adopte le budget", "le conseil rejette ce budget"), [
    { kind: "same", text: "le conseil " },
    { kind: "gone", text: "adopte le " },
    { kind: "new", text: "rejette ce " },
    { kind: "same", text: "budget" },
  ]);
  assert.deepEqual(difference("oui", "oui"), [{ kind: "same", text: "oui" }]);
});

test("two long texts that have nothing in common are compared at once", () => {
  const [before, after] = ["a", "b"].map((letter) => `${letter} `.repeat(5000));
  assert.deepEqual(difference(before, after).map(({ kind }) => kind), ["gone", "new"]);
});

test("a text that changed in one place of a few words is a correction, without the signs", () => {
  assert.deepEqual(correction("Monsieur Roche, merci.", "Monsieur Rochas, merci."), { gone: "Roche", fresh: "Rochas" });
});

test("several places, a word that came or went, signs alone or many words are no correction", () => {
  const pairs = [
    ["un deux trois", "UN deux TROIS"],
    ["un deux", "un"],
    ["un", "un deux"],
    ["oui.", "oui !"],
    ["un deux trois quatre", "cinq six sept huit"],
    ["oui", "oui"],
  ];
  for (const [before, after] of pairs) assert.equal(correction(before, after), null, `${before} > ${after}`);
});

test("French signs never begin a line", () => {
  assert.equal(typeset("« Oui » : vraiment ?"), "«\u00a0Oui\u00a0»\u00a0: vraiment\u00a0?");
  assert.equal(typeset("à midi"), "à midi");
});
