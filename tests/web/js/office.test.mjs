// Small pure parts of the office's pages: sending files, replacing, names, corrections.

import assert from "node:assert/strict";
import { test } from "node:test";
import { occurrences } from "../../../web/static/js/office/actions.js";
import { failureOf, markOf, timeLeft } from "../../../web/static/js/office/bring-files.js";
import { InOrder } from "../../../web/static/js/office/bring-parts.js";
import { clean } from "../../../web/static/js/office/editor.js";
import { momentOf, spokenForms } from "../../../web/static/js/office/panels.js";
import { chosenOf, excerpt } from "../../../web/static/js/office/replace.js";
import { namesLike } from "../../../web/static/js/office/speaker.js";
import { settled } from "./support.mjs";

const text = (key, values) => (values ? `${key} ${Object.values(values).join(":")}` : key);

test("what is typed reaches the server in the order in which it was typed", async () => {
  const order = [];
  const queue = new InOrder(() => order.push("failed"));
  const slow = Promise.withResolvers();
  queue.add(async () => {
    await slow.promise;
    order.push("first");
  });
  queue.add(async () => {
    throw new Error("no line");
  });
  const last = queue.add(async () => order.push("last"));
  await settled();
  assert.deepEqual(order, []);
  assert.ok(queue.pending);
  slow.resolve();
  await last;
  assert.deepEqual(order, ["first", "failed", "last"]);
  assert.equal(queue.pending, null);
});

test("how long a file takes is said in minutes, then in hours", () => {
  const times = [0, 60, 61, 3600, 3601, 7 * 3600 + 300].map((seconds) => timeLeft(seconds, text));
  assert.deepEqual(times, ["soon", "soon", "minutes 2", "minutes 60", "hours 1:01", "hours 7:05"]);
});

test("a file goes on where it stopped unless the server knows it no more", () => {
  const answer = (status, body) => failureOf({ getStatus: () => status, getBody: () => body }, text);
  assert.deepEqual(failureOf(null, text), { text: "lost", again: true });
  assert.deepEqual(answer(401, "{}"), { text: "expired", again: true });
  assert.deepEqual(answer(413, '{"detail": "Trop grand."}'), { text: "Trop grand.", again: true });
  assert.deepEqual(answer(404, '{"detail": "Retiré."}'), { text: "Retiré.", again: false });
  for (const page of ["<html>", "{}", '{"detail": [{}]}', "null"]) assert.equal(answer(502, page).text, "refused");
});

test("a file is known by its name, its size and its time", () => {
  const file = { name: "conseil.mp3", size: 10, lastModified: 5 };
  assert.equal(markOf(file), "conseil.mp3|10|5");
  assert.notEqual(markOf({ ...file, size: 11 }), markOf(file));
});

test("all is replaced that was found, the lines that are not shown too, less what was left out", () => {
  const preview = {
    revision: 1,
    matches: [0, 3, 700].map((turn) => ({ turn, start_ms: 0, before: "", after: "" })),
    speakers: [{ label: "A", before: "", after: "" }],
  };
  assert.deepEqual(chosenOf(preview, []), { turns: [0, 3, 700], names: ["A"] });
  const unchecked = [{ name: "turn", value: "3" }, { name: "voice", value: "A" }];
  assert.deepEqual(chosenOf(preview, unchecked), { turns: [0, 700], names: [] });
});

test("an excerpt shows all that changes and a few words around it", () => {
  const long = "un mot puis un autre mot et encore un mot ".repeat(5);
  const pieces = [
    { kind: "same", text: long },
    { kind: "gone", text: "Roche " },
    { kind: "new", text: "Rochas " },
    { kind: "same", text: long.trim() },
  ];
  const [before, gone, fresh, after] = excerpt(pieces);
  assert.deepEqual([gone, fresh], pieces.slice(1, 3));
  assert.ok(before.text.startsWith("…") && long.endsWith(before.text.slice(1)) && before.text.length < 50);
  assert.ok(after.text.endsWith("…") && long.startsWith(after.text.slice(0, -1)) && after.text.length < 50);
  assert.deepEqual(excerpt(pieces.slice(1, 3)), pieces.slice(1, 3));
});

test("a name is found by the beginnings of its words, accents and order aside", () => {
  const names = ["Mme Élodie Saint-Martin", "M. Martin Roche", "M. Émile Zay"];
  assert.deepEqual(namesLike(names, "martin"), names.slice(0, 2));
  assert.deepEqual(namesLike(names, "mart él"), names.slice(0, 1));
  assert.deepEqual(namesLike(names, "artin"), []);
  assert.deepEqual(namesLike(names, ""), names);
});

test("a correction counts the same words elsewhere, whole words alone", () => {
  assert.equal(occurrences("Roche, Rochefort et l’abbé Roche.", "Roche"), 2);
  assert.equal(occurrences("a.b axb", "a.b"), 1); // signs are meant as they stand
  assert.equal(occurrences("l’été étés", "été"), 1);
});

test("a text is sent as the server keeps it", () => {
  assert.equal(clean("  un\n\tdeux  trois\u00a0! "), "un deux trois\u00a0!");
});

test("a moment of the server's is in UTC unless it says otherwise", () => {
  const noon = Date.UTC(2026, 2, 5, 12);
  for (const at of ["2026-03-05T12:00:00", "2026-03-05T12:00:00Z", "2026-03-05T13:00:00+01:00"]) {
    assert.equal(momentOf(at).getTime(), noon, at);
  }
});

test("forms of a word are written in one field", () => {
  assert.deepEqual(spokenForms(" acmé | a c m e;;"), ["acmé", "a c m e"]);
});
