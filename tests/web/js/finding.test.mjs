import assert from "node:assert/strict";
import { test } from "node:test";
import { folded, placesIn } from "../../../web/static/js/finding.js";

test("accents and capitals count for nothing, and every character keeps its place", () => {
  assert.equal(folded("Élevé, ÇA œuvre İ!"), "eleve, ca œuvre i!");
  const odd = "a𝒳é\u0301ﬁ";
  assert.equal(folded(odd).length, odd.length);
});

test("all places are found, none over another", () => {
  assert.deepEqual(placesIn("credit et credit", "credit"), [0, 10]);
  assert.deepEqual(placesIn("aaaa", "aa"), [0, 2]);
  assert.deepEqual(placesIn("rien", "x"), []);
});
