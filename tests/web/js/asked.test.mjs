import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { asJson, asMarkdown, eraseQuestions, keepQuestion, listAsked, questionsAsked } from "../../../web/static/js/asked.js";
import { storage } from "./support.mjs";

const SITE = "https://conseil.example";

/** Puts a storage in the browser's place, or what throws when it is asked for. */
function browserKeeps(get) {
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get });
}

beforeEach(() => {
  const kept = storage();
  browserKeeps(() => kept);
});

/** A document with elements of these ids. */
const page = (...ids) => ({ getElementById: (id) => (ids.includes(id) ? {} : null) });
const asked = () => questionsAsked().map(({ question }) => question);

test("a question that is asked again is the newest, and listed once", () => {
  for (const question of ["un", "deux", "un"]) keepQuestion(question, `/?q=${question}`);
  assert.deepEqual(asked(), ["un", "deux"]);
  eraseQuestions();
  assert.deepEqual(asked(), []);
});

test("the oldest questions are forgotten", () => {
  for (let n = 0; n < 205; n++) keepQuestion(`${n}`, `/?q=${n}`);
  assert.deepEqual([asked().length, asked()[0]], [200, "204"]);
});

test("a browser that keeps nothing, or something else, lists nothing", () => {
  localStorage.setItem("verbatim.questions", '[{"question": 1}, null]');
  assert.deepEqual(asked(), []);
  localStorage.setItem("verbatim.questions", "{");
  assert.deepEqual(asked(), []);
  browserKeeps(() => {
    throw new DOMException("The operation is insecure", "SecurityError");
  });
  keepQuestion("un", "/?q=un");
  eraseQuestions();
  assert.deepEqual(asked(), []);
});

test("what is saved leads back to the answers, whatever a question holds", () => {
  keepQuestion("Et [la] *crèche* ?", "/?q=Et+%5Bla%5D", new Date("2026-11-30T12:00:00Z"));
  const saved = asMarkdown(questionsAsked(), "Vos questions", SITE);
  assert.equal(saved, `# Vos questions\n\n- 2026-11-30 : [Et \\[la\\] \\*crèche\\* ?](<${SITE}/?q=Et+%5Bla%5D>)\n`);
  assert.deepEqual(JSON.parse(asJson(questionsAsked(), SITE)), [
    { question: "Et [la] *crèche* ?", address: `${SITE}/?q=Et+%5Bla%5D`, asked_at: "2026-11-30T12:00:00.000Z" },
  ]);
});

test("what was kept before reading needed an account is erased once it does", () => {
  keepQuestion("un", "/?q=un");
  listAsked(page());
  assert.deepEqual(asked(), ["un"], "a page without a conversation says nothing of it");
  listAsked(page("conversation"));
  assert.deepEqual(asked(), []);
});
