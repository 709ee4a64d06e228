import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Drafts } from "../../../web/static/js/office/drafts.js";
import { storage } from "./support.mjs";

const DRAFT = { start: 0, end: 900, before: "un", text: "deux" };

/** Puts a storage in the browser's place, or what throws when it is asked for. */
function browserKeeps(get) {
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get });
}

beforeEach(() => {
  const kept = storage();
  browserKeeps(() => kept);
});

test("a draft outlives the page, oldest first, until the server has it", () => {
  const drafts = new Drafts("s1");
  assert.ok(drafts.keep("verbatim.brouillon.s1.2", { ...DRAFT, text: "trois" }));
  assert.ok(drafts.keep("verbatim.brouillon.s1.1", DRAFT));
  const reloaded = new Drafts("s1");
  assert.deepEqual(reloaded.left(), [
    { name: "verbatim.brouillon.s1.1", ...DRAFT },
    { name: "verbatim.brouillon.s1.2", ...DRAFT, text: "trois" },
  ]);
  reloaded.forget("verbatim.brouillon.s1.1");
  assert.deepEqual(reloaded.left().map(({ text }) => text), ["trois"]);
});

test("a text that is opened twice has two drafts", () => {
  const drafts = new Drafts("s1");
  const names = new Set(Array.from({ length: 50 }, () => drafts.name()));
  assert.equal(names.size, 50);
});

test("another session's drafts are left alone", () => {
  new Drafts("s1").keep(new Drafts("s1").name(), DRAFT);
  new Drafts("s10").keep(new Drafts("s10").name(), DRAFT);
  assert.equal(new Drafts("s1").left().length, 1);
  assert.equal(new Drafts("s2").left().length, 0);
});

test("a browser that forbids keeping anything still lets one review", () => {
  browserKeeps(() => {
    throw new DOMException("The operation is insecure", "SecurityError");
  });
  const drafts = new Drafts("s1");
  assert.equal(drafts.keep(drafts.name(), DRAFT), false);
  assert.deepEqual(drafts.left(), []);
  drafts.forget("verbatim.brouillon.s1.1");
});

test("a draft that was cut short does not hide the others", () => {
  const drafts = new Drafts("s1");
  drafts.keep("verbatim.brouillon.s1.2", DRAFT);
  localStorage.setItem("verbatim.brouillon.s1.1", '{"text": "de');
  assert.deepEqual(drafts.left().map(({ text }) => text), ["deux"]);
});
