import assert from "node:assert/strict";
import { test } from "node:test";
import { chordOf, Keys, KeyTable } from "../../../web/static/js/office/keys.js";
import { settled } from "./support.mjs";

const press = (key, held = {}) => ({ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held });

test("a key is written as in the table, whatever the keyboard", () => {
  const chords = [
    [press("d"), "D"],
    [press("D", { shiftKey: true }), "Shift+D"],
    [press("D"), "D"], // caps lock
    [press("?", { shiftKey: true }), "?"], // shift only serves to reach the sign
    [press("+", { shiftKey: true }), "+"],
    [press(" "), "Space"],
    [press(" ", { shiftKey: true }), "Shift+Space"],
    [press("ArrowDown", { shiftKey: true }), "Shift+ArrowDown"],
    [press("z", { ctrlKey: true }), "Ctrl+Z"],
    [press("z", { metaKey: true }), "Ctrl+Z"], // the same on a Mac
    [press("Z", { ctrlKey: true, shiftKey: true }), "Ctrl+Shift+Z"],
    [press("é", { altKey: true }), "Alt+É"],
  ];
  for (const [event, chord] of chords) assert.equal(chordOf(event), chord);
});

test("a key means what its mode says, and anywhere alone where it has no mode", () => {
  const table = new KeyTable([
    { mode: "reading", keys: "Enter E", does: "edit" },
    { mode: "editing", keys: "Escape", does: "leave" },
    { mode: "anywhere", keys: "F1 Escape", does: "help" },
  ]);
  assert.equal(table.action("reading", "E"), "edit");
  assert.equal(table.action("reading", "Enter"), "edit");
  assert.equal(table.action("editing", "E"), undefined);
  assert.equal(table.action("editing", "Escape"), "leave");
  assert.equal(table.action("reading", "Escape"), "help");
});

test("a dialog has its own keys alone", () => {
  const table = new KeyTable([
    { mode: "anywhere", keys: "F1", does: "help" },
    { mode: "speaker", keys: "Enter", does: "speaker_here" },
  ]);
  assert.equal(table.action("dialog", "F1"), undefined);
  assert.equal(table.action("speaker", "F1"), undefined);
  assert.equal(table.action("speaker", "Enter"), "speaker_here");
});

/** A page whose table has the actions a, b and c on keys of the same names. */
function keyboard(perform) {
  globalThis.Element ??= class {};
  globalThis.HTMLElement ??= class extends globalThis.Element {};
  const rows = ["a", "b", "c"].map((action) =>
    Object.assign(new globalThis.HTMLElement(), { dataset: { mode: "reading", keys: action.toUpperCase(), does: action } }),
  );
  const page = Object.assign(new EventTarget(), { body: {}, activeElement: {}, querySelectorAll: () => rows });
  const typed = [];
  const keys = new Keys(page, { where: () => "reading", perform, type: (key) => typed.push(key) });
  const down = (key) =>
    page.dispatchEvent(
      Object.assign(new Event("keydown", { cancelable: true }), press(key), { getModifierState: () => false, isComposing: false }),
    );
  return { keys, down, typed };
}

test("keys that are pressed while the server answers take effect in order, and letters are typed", async () => {
  const order = [];
  const { promise, resolve } = Promise.withResolvers();
  const { down, typed } = keyboard((action) => {
    order.push(action);
    return action === "a" ? promise : undefined;
  });
  for (const key of ["a", "b", "x", "c"]) down(key);
  assert.deepEqual(order, ["a"]);
  resolve();
  await settled();
  assert.deepEqual(order, ["a", "b", "c"]);
  assert.deepEqual(typed, ["x"]);
});

test("a server that does not answer holds the keyboard for three seconds", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const order = [];
  const { down } = keyboard((action) => {
    order.push(action);
    return action === "a" ? new Promise(() => {}) : undefined;
  });
  down("a");
  down("b");
  t.mock.timers.tick(2999);
  await settled();
  assert.deepEqual(order, ["a"]);
  t.mock.timers.tick(1);
  await settled();
  assert.deepEqual(order, ["a", "b"]);
});

test("an action that fails gives the keyboard back, and the failure is seen", async () => {
  const order = [];
  const { keys, down } = keyboard((action) => {
    order.push(action);
    return action === "a" ? Promise.reject(new Error("no such turn")) : undefined;
  });
  await assert.rejects(keys.do("a"), { message: "no such turn" });
  down("b");
  assert.deepEqual(order, ["a", "b"]);
});
