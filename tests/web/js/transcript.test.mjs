import assert from "node:assert/strict";
import { test } from "node:test";
import { nextStop, beginsSentence } from "../../../web/static/js/office/moves.js";
import { Transcript, Turn } from "../../../web/static/js/office/transcript.js";
import { delta, rawTranscript, rawTurn } from "./support.mjs";

const three = (values) =>
  new Transcript(rawTranscript([rawTurn(0, 0, "un deux"), rawTurn(1, 5000, "trois"), rawTurn(2, 9000, "quatre cinq six")], values));

test("every character of a turn belongs to a word, and a word begins where the text says", () => {
  const turn = new Turn(rawTurn(0, 0, "Mesdames, Messieurs bonsoir"));
  assert.deepEqual(turn.offsets, [0, 10, 20]);
  assert.deepEqual([0, 9, 10, 19, 20, 99].map((at) => turn.wordAt(at)), [0, 0, 1, 1, 2, 2]);
});

test("the word of a moment is the one that is said, or the last before it", () => {
  const turn = new Turn(rawTurn(0, 1000, "un deux trois"));
  assert.deepEqual([0, 1000, 1900, 2000, 60_000].map((ms) => turn.wordAtMs(ms)), [0, 0, 0, 1, 2]);
  assert.equal(new Turn(rawTurn(0, 0, "")).wordAtMs(5), 0);
});

test("words that are typed share the time of those they replace, and the others keep theirs", () => {
  const turn = new Turn(rawTurn(0, 0, "un deux trois quatre"));
  turn.retype("un DEUX et TROIS quatre");
  assert.equal(turn.text, "un DEUX et TROIS quatre");
  assert.deepEqual(turn.words.map(([start]) => Math.round(start)), [0, 1000, 1600, 2200, 3000]);
  assert.equal(turn.words[4][1], 3800);
});

test("words that are typed between two others have no time of their own", () => {
  const turn = new Turn(rawTurn(0, 0, "un trois"));
  turn.retype("un deux trois");
  assert.deepEqual(turn.words[1].slice(0, 2), [800, 800]);
  turn.retype("");
  assert.deepEqual([turn.text, turn.words], ["", []]);
});

test("what a clerk wrote is shown until the server has it, whatever the server says meanwhile", () => {
  const turn = new Turn(rawTurn(0, 0, "un deux"));
  turn.pending = "un DEUX";
  turn.take(rawTurn(0, 100, "un deux"));
  assert.equal(turn.text, "un DEUX");
  turn.pending = null;
  turn.restore();
  assert.equal(turn.text, "un deux");
});

test("a server's text is the clerk's own if it differs by its spaces alone", () => {
  const turn = new Turn(rawTurn(0, 0, "Oui\u00a0! Bien"));
  assert.ok(turn.says("Oui ! Bien"));
  assert.ok(!turn.says("Oui ? Bien"));
  turn.gone = true;
  assert.ok(turn.says(""));
});

test("a turn that others moved keeps its identity, and one that was inserted is new", () => {
  const transcript = three();
  const [first, second, third] = transcript.turns;
  const changed = transcript.apply(
    delta({ splices: [{ first: 1, removed: 1, turns: [rawTurn(1, 5000, "trois"), rawTurn(2, 7000, "et demi")] }] }),
  );
  assert.deepEqual(transcript.turns.map(({ text }) => text), ["un deux", "trois", "et demi", "quatre cinq six"]);
  assert.ok(transcript.turns[0] === first && transcript.turns[1] === second && transcript.turns[3] === third);
  assert.deepEqual([...changed.altered].map(({ text }) => text), ["et demi"]);
  assert.equal(third.index, 3);
});

test("a turn that was joined away is gone, and says so to whom holds it", () => {
  const transcript = three();
  const [first, second] = transcript.turns;
  const changed = transcript.apply(delta({ splices: [{ first: 0, removed: 2, turns: [rawTurn(0, 0, "un deux trois")] }] }));
  assert.ok(second.gone && !first.gone);
  assert.equal(changed.first, first);
  assert.equal(transcript.turns.length, 2);
});

test("an edit is made upon the newest revision for as long as its turn says the same", () => {
  const transcript = three();
  const anchor = transcript.anchor(transcript.turns[2]);
  transcript.apply(delta({ revision: 2, splices: [{ first: 0, removed: 1, turns: [] }] }));
  assert.deepEqual([anchor.base, anchor.index], [2, 1]);
  transcript.apply(delta({ revision: 3, splices: [{ first: 1, removed: 1, turns: [rawTurn(1, 9000, "autre")] }] }));
  assert.equal(anchor.base, 2); // so the server can tell that somebody else was there first
  transcript.apply(delta({ revision: 4 }));
  assert.equal(anchor.base, 2);
});

test("one's own edit of a turn does not stand in the way of the next", () => {
  const transcript = three();
  const [turn] = transcript.turns;
  const anchor = transcript.anchor(turn);
  transcript.apply(delta({ revision: 2, splices: [{ first: 0, removed: 1, turns: [rawTurn(0, 0, "UN deux")] }] }), turn);
  assert.equal(anchor.base, 2);
});

test("an anchor knows what was redacted since of what its turn said, and nothing else", () => {
  const transcript = three({ closed: [[0, 500]] });
  const [before, , after] = transcript.turns.map((turn) => transcript.anchor(turn));
  transcript.turns.forEach((turn) => (turn.gone = true)); // an anchor of a turn that is gone stays where it was
  transcript.apply(delta({ closed: [[0, 500], [9500, 9800]] }));
  assert.deepEqual([before.redacted, after.redacted], [false, true]);
});

test("a doubt shows at the turns it touches, and one about the whole session at none", () => {
  const transcript = three({
    review: [
      { start_ms: 5500, end_ms: 9500, reason: "bruit" },
      { start_ms: 0, end_ms: 600_000, reason: "deux voix" },
    ],
  });
  assert.deepEqual(transcript.turns.map((turn) => transcript.reasons(turn).length), [0, 1, 1]);
  assert.deepEqual(transcript.overall.map(({ reason }) => reason), ["deux voix"]);
  transcript.turns[1].wanted = true;
  assert.deepEqual(transcript.reasons(transcript.turns[1]), []); // it was checked
});

test("a doubt in a pause shows at the turn before it", () => {
  const transcript = three({ review: [{ start_ms: 3000, end_ms: 4500, reason: "fichier abîmé" }] });
  assert.deepEqual(transcript.turns.map((turn) => transcript.reasons(turn).length), [1, 0, 0]);
});

test("one stops where each doubt begins, and is told only those that are not marked in the text", () => {
  const raw = rawTurn(0, 0, "un deux trois quatre cinq");
  for (const n of [1, 2, 4]) raw.words[n][3] = 0.1;
  const words = { start_ms: 1000, end_ms: 2900, doubt: "word", reason: "mots incertains" };
  const noise = { start_ms: 3000, end_ms: 3500, doubt: "overlap", reason: "bruit" };
  const transcript = new Transcript(rawTranscript([raw], { review: [words, noise, { ...words, start_ms: 4000, end_ms: 4900 }] }));
  const [turn] = transcript.turns;
  assert.deepEqual(transcript.stops(turn), [1, 3, 4]);
  assert.deepEqual(transcript.reasons(turn), [noise]);
  assert.deepEqual([0, 1, 2, 4].map((word) => transcript.runAt(turn, word)), [[0, 0], [1, 2], [1, 2], [4, 4]]);
});

test("progress counts turns with words, and each voice without a name once", () => {
  const raw = [rawTurn(0, 0, "un", { speaker: "B" }), rawTurn(1, 2000, "", { speaker: "B" }), rawTurn(2, 3000, "deux", { speaker: "B" })];
  const transcript = new Transcript(rawTranscript([{ ...raw[0], checked: true }, ...raw.slice(1)]));
  assert.deepEqual(transcript.progress, { turns: 2, checked: 1, unnamed: 1 });
});

test("the turn of a moment is the one that is being said, or the last before it", () => {
  const transcript = three();
  assert.deepEqual([0, 4999, 5000, 60_000].map((ms) => transcript.turnAtMs(ms)?.index), [0, 0, 1, 2]);
  assert.equal(new Transcript(rawTranscript([])).turnAtMs(5), null);
});

/** Doubts at the first and the third word of all turns but the second. */
const doubts = (turn) => (turn.index === 1 ? [] : [0, 2].filter((word) => word < turn.words.length));

test("the next doubt is found round the end and back, in both directions", () => {
  const { turns } = three();
  const place = (from, word, by) => {
    const stop = nextStop(turns, turns[from], word, by, doubts);
    return stop && [stop.turn.index, stop.word];
  };
  assert.deepEqual(place(0, 0, 1), [2, 0]);
  assert.deepEqual(place(2, 0, 1), [2, 2]);
  assert.deepEqual(place(2, 2, 1), [0, 0]);
  assert.deepEqual(place(0, 0, -1), [2, 2]);
  assert.deepEqual(nextStop(turns, turns[0], 0, 1, () => []), null);
});

test("the only doubt there is is found again from where one is", () => {
  const { turns } = three();
  const only = nextStop(turns, turns[1], 0, 1, (turn) => (turn.index === 1 ? [0] : []));
  assert.deepEqual([only?.turn.index, only?.word], [1, 0]);
});

test("a sentence begins after a full stop, whatever closes it", () => {
  const turn = new Turn(rawTurn(0, 0, "Oui. Il a dit «\u00a0non.\u00a0» Puis M. Roche partit"));
  assert.deepEqual(turn.words.map((_, word) => word).filter((word) => beginsSentence(turn, word)), [0, 1, 5, 7]);
});
