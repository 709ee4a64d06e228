// The form in which a sitting is brought in: files travel by themselves while the clerk types, what is
// typed keeps itself, and asking for the transcription waits until everything has come.
import { Files } from "./bring-files.js";
import { Parts } from "./bring-parts.js";

const SOON_MS = 400;
const form = document.getElementById("apport");
const drop = document.getElementById("depot");
const input = document.getElementById("files");
const texts = JSON.parse(form.dataset.texts);
const text = (key, values = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const say = (text) => (document.getElementById("annonce").textContent = text);

document.documentElement.classList.add("js");
const parts = new Parts(form, document.getElementById("parties"), () => say(text("unkept")));
const files = new Files(form.dataset.files, text, parts, say, settled);
let leaving = false;
parts.onRemove = (id) => files.forget(id);

async function take(chosen) {
  // The address is then the arrival's own: a page that is loaded again shows what has come.
  history.replaceState(null, "", form.action);
  await parts.keep();
  files.add([...chosen]);
}

input.addEventListener("change", () => {
  const chosen = [...input.files];
  input.value = ""; // they travel by themselves, not with the form
  take(chosen);
});
for (const name of ["dragenter", "dragover"]) {
  addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (event) => event.relatedTarget ?? drop.classList.remove("over"));
addEventListener("drop", (event) => {
  drop.classList.remove("over");
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  take(event.dataTransfer.files);
});

// A list given as a file is shown where it can be read and put right; the server judges it.
for (const list of document.querySelectorAll("[data-into]")) {
  list.addEventListener("change", async () => {
    await parts.keep();
    await parts.show(list.dataset.into);
    list.value = "";
  });
}
let soon;
form.addEventListener("change", (event) => {
  clearTimeout(soon);
  // A click on a button comes right after the change of the field that it leaves, and says it all.
  if (!event.target.matches("[type=file]")) soon = setTimeout(() => parts.keep(), SOON_MS);
});

form.addEventListener("submit", async (event) => {
  clearTimeout(soon);
  const [act, id] = (event.submitter?.value ?? "save").split(":");
  if (event.submitter?.dataset.ask && !confirm(event.submitter.dataset.ask)) {
    event.preventDefault();
  } else if (["up", "down", "remove"].includes(act)) {
    event.preventDefault();
    await parts.act(act, id, event.submitter);
  } else if (act === "send" && files.busy) {
    event.preventDefault();
    waitToSend(true);
  } else if (parts.pending) {
    event.preventDefault();
    await parts.pending; // what was kept before must not arrive after
    form.requestSubmit(event.submitter);
  } else {
    leaving = true;
  }
});

function waitToSend(wanted) {
  const told = document.getElementById("attente");
  told.hidden = !wanted;
  form.dataset.wanted = wanted ? "send" : "";
}

function settled(whole) {
  if (form.dataset.wanted !== "send") return;
  waitToSend(false);
  if (whole) form.requestSubmit(form.querySelector("button.primary"));
}

addEventListener("beforeunload", (event) => {
  if (files.busy && !leaving) event.preventDefault(); // what has come stays; what is missing can follow
});
document.getElementById("mistakes")?.focus();
