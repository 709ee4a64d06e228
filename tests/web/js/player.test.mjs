import assert from "node:assert/strict";
import { test } from "node:test";
import { clipOf, nextLook, seekWithin, soundOf } from "../../../web/static/js/player.js";

test("the end is looked for coarsely while it is far and to the timer's precision when it is near", () => {
  assert.equal(nextLook(60_000, false), 250);
  assert.equal(nextLook(100, false), 85); // 15 ms early: timers fire late
  assert.equal(nextLook(10, false), 4);
});

test("playback stops at the interval's end, but not while the sound is on its way elsewhere", () => {
  assert.equal(nextLook(0, false), null);
  assert.equal(nextLook(-3, false), null);
  assert.equal(nextLook(-30_000, true), 4);
});

test("a move stays within the sound", () => {
  const clip = { end: null };
  assert.deepEqual(seekWithin(clip, -200, 60_000), { ms: 0, end: null });
  assert.deepEqual(seekWithin(clip, 70_000, 60_000), { ms: 60_000, end: null });
  assert.deepEqual(seekWithin(clip, 70_000, NaN), { ms: 70_000, end: null }); // the length is not known yet
});

test("a move within the interval keeps its end, and one beyond it goes on with the session", () => {
  assert.equal(seekWithin({ end: 5000 }, 4000, 60_000).end, 5000);
  assert.equal(seekWithin({ end: 5000 }, 5000, 60_000).end, 5000);
  assert.equal(seekWithin({ end: 5000 }, 5001, 60_000).end, null);
});

test("a clip says what its element says, its times as numbers", () => {
  const dataset = { session: "s1", start: "0", end: "1500", label: "Mme Arnaud", place: "Budget", page: "/p", opus: "/o", mp3: "/m" };
  const clip = clipOf({ dataset });
  assert.deepEqual({ ...clip, element: undefined }, { ...dataset, start: 0, end: 1500, element: undefined });
});

test("of an interval its own packets are loaded, from a packet's start before it; else the whole session", () => {
  const clip = { start: 24_810, end: 28_640, opus: "/api/sessions/s1/audio.opus#t=24.810,28.640", mp3: "/api/sessions/s1/audio.mp3#t=24.810,28.640" };
  const address = "/api/sessions/s1/interval.opus?start_ms=24810&end_ms=28640";
  assert.deepEqual(soundOf(clip, "opus"), { address, from: 24_720, to: 28_640 });
  assert.equal(soundOf({ ...clip, start: 30 }, "opus").from, 0);
  const whole = { address: "/api/sessions/s1/audio.opus", from: 0, to: Infinity };
  assert.deepEqual(soundOf({ ...clip, end: null }, "opus"), whole);
  assert.deepEqual(soundOf({ ...clip, end: 24_810 + 90_001 }, "opus"), whole);
  assert.equal(soundOf(clip, "mp3").address, "/api/sessions/s1/audio.mp3");
  assert.equal(soundOf({ ...clip, opus: "/bureau/api/s1/audio.opus" }, "opus").from, 0); // the office's drafts
});
