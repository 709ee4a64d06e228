// What is drawn of the session's loudness.
import assert from "node:assert/strict";
import { test } from "node:test";
import { outline } from "../../../web/static/js/office/waveform.js";

const LEVELS = Uint8Array.from([0, 11, 5, 0, 3]);
const bars = (path) => path.split("z").filter(Boolean);

test("each level is a bar around the middle line, as long as it is shown", () => {
  const drawn = bars(outline(LEVELS, [0, 1000], 1000, [[0, 1000]]));
  assert.deepEqual(drawn, [
    "M0.0 12V12.5h192.0V12", "M240.0 1V23.5h192.0V1", "M480.0 7V17.5h192.0V7", "M720.0 12V12.5h192.0V12",
    "M960.0 9V15.5h192.0V9",
  ]);
});

test("a part of the session fills the picture, and what is not within is left out", () => {
  assert.deepEqual(bars(outline(LEVELS, [200, 600], 1000, [[200, 400]])), ["M0.0 1V23.5h480.0V1"]);
  assert.equal(outline(LEVELS, [0, 1000], 1000, []), "");
});

test("a column of a long session shows the loudest of what falls into it", () => {
  const long = new Uint8Array(54_000).fill(1).fill(9, 100, 101);
  const drawn = bars(outline(long, [0, 10_800_000], 10_800_000, [[0, 10_800_000]]));
  assert.equal(drawn.length, 1200);
  assert.ok(drawn[2].includes("V21.5"), drawn[2]);
  assert.ok(drawn[3].includes("V13.5"));
});
