import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Refusal, Wire } from "../../../web/static/js/office/wire.js";
import { openPage, server, settled } from "./support.mjs";

beforeEach(openPage);

/** A line to the server, and the states that it shows. */
function line() {
  const states = [];
  return { states, wire: new Wire("/api", (state, waiting) => states.push(waiting ? `${state} ${waiting}` : state)) };
}

const body = (n) => () => ({ n });
const taken = (answer) => answer;

test("requests leave one after the other, each once what came of the one before is taken in", async () => {
  const requests = server({ json: { n: 1 } }, { json: { n: 2 } });
  const { wire, states } = line();
  const order = [];
  const first = wire.send("/changes", body(1), async (answer) => {
    await settled();
    order.push(`took ${answer.n}, ${requests.length} sent`);
  });
  const second = wire.send("/changes", body(2), (answer) => order.push(`took ${answer.n}, ${requests.length} sent`));
  await Promise.all([first, second]);
  await settled();
  assert.deepEqual(order, ["took 1, 1 sent", "took 2, 2 sent"]);
  assert.deepEqual(requests.map(({ body: sent }) => sent.n), [1, 2]);
  assert.deepEqual(states, ["saving 1", "saving 2", "saved"]);
});

test("all is through once what the last answer tells was taken in", async () => {
  server({ json: { n: 1 } }, { json: { n: 2 } });
  const { wire } = line();
  await wire.through();
  const took = [];
  for (const n of [1, 2]) wire.send("/changes", body(n), (answer) => took.push(answer.n));
  await wire.through();
  assert.deepEqual(took, [1, 2]);
  assert.equal(wire.waiting, 0);
});

test("a change is sent again until the server has it, and the clerk sees that it waits", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const requests = server(undefined, { status: 503 }, { json: { n: 1 } });
  const { wire, states } = line();
  const sent = wire.send("/changes", body(1), taken);
  for (const wait of [1000, 2000]) {
    await settled();
    t.mock.timers.tick(wait);
  }
  assert.deepEqual(await sent, { n: 1 });
  assert.equal(requests.length, 3);
  assert.deepEqual(states.slice(0, 3), ["saving 1", "offline 1", "offline 1"]);
  await settled();
  assert.equal(states.at(-1), "saved");
});

test("a change is sent at once when the line is there again", async () => {
  const requests = server(undefined, { json: {} });
  const { wire } = line();
  const sent = wire.send("/changes", body(1), taken);
  await settled();
  dispatchEvent(new Event("online"));
  await sent;
  assert.equal(requests.length, 2);
});

test("a clerk who is signed out is told so, and nothing is lost", async () => {
  server({ status: 0 }, { status: 401 }, { json: { n: 1 } });
  const { wire, states } = line();
  const sent = wire.send("/changes", body(1), taken);
  for (let n = 0; n < 2; n++) {
    await settled();
    document.dispatchEvent(new Event("visibilitychange"));
  }
  assert.deepEqual(await sent, { n: 1 });
  assert.deepEqual(states.slice(1, 3), ["signed-out 1", "signed-out 1"]);
});

test("a refusal is handed back with its reason, and the next request leaves", async () => {
  const problem = { detail: "Ce tour a changé.", delta: { own: [] } };
  server({ status: 409, json: problem }, { json: { n: 2 } });
  const { wire } = line();
  const heard = [];
  const first = wire.send("/changes", body(1), taken, { refused: (account) => heard.push(account) });
  const second = wire.send("/changes", body(2), taken);
  await assert.rejects(first, (error) => error instanceof Refusal && error.status === 409 && error.message === problem.detail);
  assert.deepEqual(heard, [problem]);
  assert.deepEqual(await second, { n: 2 });
});

test("an edit whose answer was lost is not made twice", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const requests = server(undefined, { json: {} });
  const { wire } = line();
  const sent = wire.send("/changes", body(1), taken, { lost: async () => true });
  await settled();
  t.mock.timers.tick(1000);
  assert.equal(await sent, null);
  assert.equal(requests.length, 1);
});

test("a question without an answer is not asked again", async () => {
  const requests = server();
  const { wire, states } = line();
  assert.equal(await wire.send(() => "/changes?since=4", null, taken, { changes: false }), null);
  assert.deepEqual(requests.map(({ path }) => path), ["/api/changes?since=4"]);
  assert.deepEqual(states, ["offline"]);
});

test("what is asked beside the queue does not wait for it", async () => {
  const { wire } = line();
  server({ json: [1] }, { status: 404, json: { detail: "Pas de tour" } }, { status: 204 });
  assert.deepEqual(await wire.ask("/history?turn=0"), [1]);
  await assert.rejects(wire.ask("/history?turn=9"), { message: "Pas de tour", status: 404 });
  assert.equal(await wire.ask("/terms", { text: "x" }), null);
});
