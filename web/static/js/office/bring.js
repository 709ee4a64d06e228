// The form in which a session is brought in: files travel by themselves while the clerk types, what is
// typed keeps itself, and asking for the transcription waits until everything has come.
import { Files } from "./bring-files.js";
import { Parts } from "./bring-parts.js";
import { all, filled, required, submitButton } from "../page.js";

const PAUSE_MS = 400; // after a change: several fields that are filled at once are kept once
const form = required(document, "#apport", HTMLFormElement);
const drop = required(document, "#depot");
const input = required(document, "#files", HTMLInputElement);
/** @type {Record<string, string>} */
const texts = JSON.parse(form.dataset.texts ?? "{}");
/** @type {import("./bring-files.js").Text} */
const text = (key, values = {}) => filled(texts[key], values);
/** @param {string} sentence */
const say = (sentence) => void (required(document, "#annonce").textContent = sentence);

document.documentElement.classList.add("js");
const parts = new Parts(form, required(document, "#parties"), () => say(text("unkept")));
const files = new Files(form.dataset.files ?? "", text, parts, say, settled);
let leaving = false;
parts.onRemove = (id) => files.forget(id);

/** @param {Iterable<File>} chosen */
async function take(chosen) {
  // The address is then the arrival's own: a page that is loaded again shows what has come.
  history.replaceState(null, "", form.action);
  await parts.keep();
  files.add([...chosen]);
}

function takeChosen() {
  const chosen = [...(input.files ?? [])];
  input.value = ""; // they travel by themselves, not with the form
  take(chosen);
}

input.addEventListener("change", takeChosen);
for (const name of /** @type {const} */ (["dragenter", "dragover"])) {
  addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over"); // out of the window, not from one element to the next
});
addEventListener("drop", (event) => {
  drop.classList.remove("over");
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  take(event.dataTransfer.files);
});

// A list given as a file is shown where it can be read and put right; the server judges it.
for (const list of /** @type {HTMLInputElement[]} */ (all(document, "[data-into]"))) {
  list.addEventListener("change", async () => {
    await parts.keep();
    await parts.show(list.dataset.into ?? "");
    list.value = "";
  });
}
/** @type {ReturnType<typeof setTimeout> | undefined} */
let soon;
form.addEventListener("change", (event) => {
  clearTimeout(soon);
  // A click on a button comes right after the change of the field that it leaves, and sends it all.
  const isFile = event.target instanceof Element && event.target.matches("[type=file]");
  if (!isFile) soon = setTimeout(() => parts.keep(), PAUSE_MS);
});

form.addEventListener("submit", async (event) => {
  clearTimeout(soon);
  const button = submitButton(event);
  const [act, id] = (button?.value ?? "save").split(":");
  if (button?.dataset.ask && !confirm(button.dataset.ask)) {
    event.preventDefault();
  } else if (button && ["up", "down", "remove"].includes(act)) {
    event.preventDefault();
    await parts.act(act, id, button);
  } else if (act === "send" && files.busy) {
    event.preventDefault();
    waitToSend(true);
  } else if (parts.pending) {
    event.preventDefault();
    await parts.pending; // what was kept before must not arrive after
    form.requestSubmit(button);
  } else {
    leaving = true;
  }
});

/** @param {boolean} wanted */
function waitToSend(wanted) {
  required(document, "#attente").hidden = !wanted;
  form.dataset.wanted = wanted ? "send" : "";
}

/** @param {boolean} whole */
function settled(whole) {
  if (form.dataset.wanted !== "send") return;
  waitToSend(false);
  if (whole) form.requestSubmit(required(form, "button.primary"));
}

addEventListener("beforeunload", (event) => {
  if (files.busy && !leaving) event.preventDefault(); // what has come stays; what is missing can follow
});
document.getElementById("mistakes")?.focus();
if (input.files?.length) takeChosen(); // chosen while this script was on its way
