import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, filled, lastFitting } from "../../../web/static/js/page.js";

test("a time is shown as hours, minutes, seconds", () => {
  const times = [
    [0, "0:00:00"],
    [-5, "0:00:00"],
    [999, "0:00:00"],
    [61_000, "0:01:01"],
    [3_599_999, "0:59:59"],
    [3_600_000, "1:00:00"],
    [36_061_000, "10:01:01"],
  ];
  for (const [ms, text] of times) assert.equal(clock(ms), text);
});

test("a sentence takes the values that it names", () => {
  assert.equal(filled("{n} tours sur {all}", { n: 0, all: 5 }), "0 tours sur 5");
  assert.equal(filled("« {name} »", { name: "{n} $1" }), "« {name} »".replace("{name}", () => "{n} $1"));
});

test("the last that fits is found wherever it stands", () => {
  for (let size = 0; size < 6; size++) {
    const list = [...Array(size).keys()];
    for (let fitting = 0; fitting <= size; fitting++) assert.equal(lastFitting(list, (n) => n < fitting), fitting - 1);
  }
});
