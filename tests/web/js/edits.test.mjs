import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Edits } from "../../../web/static/js/office/edits.js";
import { Transcript } from "../../../web/static/js/office/transcript.js";
import { Wire } from "../../../web/static/js/office/wire.js";
import { delta, openPage, rawTranscript, rawTurn, server } from "./support.mjs";

beforeEach((t) => {
  t.mock.timers.enable({ apis: ["setInterval"] }); // nothing is asked between two edits
  openPage();
});

/** A clerk at a transcript of two turns: the real line and model, and a page that draws nothing. */
function clerk() {
  const transcript = new Transcript(rawTranscript([rawTurn(0, 0, "un deux"), rawTurn(1, 5000, "trois")]));
  const heard = { others: [], conflicts: [], refusals: [] };
  const edits = new Edits(
    transcript,
    new Wire("", () => {}),
    { arrange() {}, refresh() {}, draw() {} },
    {
      after: (others) => heard.others.push(...others.map(({ text }) => text)),
      conflict: (anchor, text) => heard.conflicts.push(text),
      refused: ({ message }) => heard.refusals.push(message),
    },
  );
  return { transcript, edits, heard };
}

const spliced = (first, ...turns) => [{ first, removed: turns.length, turns }];

test("a text is sent with the revision that it was made upon, and stands when the server has it", async () => {
  const requests = server({ json: delta({ splices: spliced(0, rawTurn(0, 0, "un DEUX")), own: ["text"] }) });
  const { transcript, edits, heard } = clerk();
  const [turn] = transcript.turns;
  assert.equal(await edits.text(transcript.anchor(turn), "un DEUX"), "saved");
  assert.deepEqual(requests[0].body, { base: 1, edit: { kind: "text", turn: 0, text: "un DEUX" } });
  assert.deepEqual([turn.text, turn.pending, transcript.revision], ["un DEUX", null, 2]);
  assert.deepEqual(heard.others, []); // one's own edit is no news
});

test("what another clerk changed comes with one's own edit, and is news", async () => {
  const splices = [...spliced(0, rawTurn(0, 0, "un DEUX")), ...spliced(1, rawTurn(1, 5000, "TROIS"))];
  server({ json: delta({ splices, own: ["text"] }) });
  const { transcript, edits, heard } = clerk();
  await edits.text(transcript.anchor(transcript.turns[0]), "un DEUX");
  assert.deepEqual(heard.others, ["TROIS"]);
});

test("two texts for one turn leave the choice to the clerk, and what stands is shown", async () => {
  const now = delta({ splices: spliced(0, rawTurn(0, 0, "un 2")) });
  server({ status: 409, json: { detail: "déjà", delta: now } });
  const { transcript, edits, heard } = clerk();
  const [turn] = transcript.turns;
  assert.equal(await edits.text(transcript.anchor(turn), "un DEUX"), "conflict");
  assert.deepEqual([heard.conflicts, turn.text], [["un DEUX"], "un 2"]);
});

test("a conflict with one's own text is none: its answer was lost", async () => {
  const now = delta({ splices: spliced(0, rawTurn(0, 0, "un DEUX")), own: ["text"] });
  server({ status: 409, json: { detail: "déjà", delta: now } });
  const { transcript, edits, heard } = clerk();
  assert.equal(await edits.text(transcript.anchor(transcript.turns[0]), "un DEUX"), "saved");
  assert.deepEqual(heard.conflicts, []);
});

test("a text that the server refuses is taken back, and the clerk hears why", async () => {
  server({ status: 400, json: { detail: "Trop long." } });
  const { transcript, edits, heard } = clerk();
  const [turn] = transcript.turns;
  assert.equal(await edits.text(transcript.anchor(turn), "un DEUX"), "refused");
  assert.deepEqual([turn.text, heard.refusals], ["un deux", ["Trop long."]]);
});

test("a turn is split where the clerk is, and an edit that is refused says so", async () => {
  const requests = server(
    { json: delta({ splices: [{ first: 0, removed: 1, turns: [rawTurn(0, 0, "un"), rawTurn(1, 1000, "deux")] }] }) },
    { status: 400, json: { detail: "Non." } },
  );
  const { transcript, edits, heard } = clerk();
  const changed = await edits.split(transcript.turns[0], 1);
  assert.deepEqual(requests[0].body.edit, { kind: "split", turn: 0, word: 1 });
  assert.equal(changed?.first, transcript.turns[0]);
  assert.equal(await edits.join(transcript.turns[2]), null);
  assert.deepEqual([heard.refusals, transcript.anchors.size], [["Non."], 0]);
});

test("a delta of another revision than the one that is shown is asked for again", async () => {
  const stale = delta({ revision: 2, splices: spliced(1, rawTurn(1, 5000, "never shown")) });
  const { transcript, edits } = clerk();
  const [turn] = transcript.turns;
  const anchor = transcript.anchor(turn);
  transcript.apply(delta({ revision: 2, splices: spliced(0, rawTurn(0, 0, "1 deux")) })); // another clerk's
  const requests = server({ json: stale }, { json: delta({ revision: 3, splices: spliced(1, rawTurn(1, 5000, "TROIS")) }) });
  await edits.text(anchor, "un DEUX");
  assert.deepEqual(requests.map(({ path }) => path), ["/changes", "/changes?since=2"]);
  assert.deepEqual(transcript.turns.map(({ text }) => text), ["1 deux", "TROIS"]);
});

test("a check shows at once, and goes when the server refuses it", async () => {
  server({ status: 400, json: { detail: "Non." } });
  const { transcript, edits } = clerk();
  const [turn] = transcript.turns;
  const sent = edits.check([turn], true);
  assert.ok(turn.checked);
  await sent;
  assert.ok(!turn.checked);
});
