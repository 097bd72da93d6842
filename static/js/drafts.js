// What was typed into a dialog stays while the page does: Escape closes it, and opened again it says the same. Cancel forgets it, and so does sending.
import { askWhich, valueOf } from "./clashes.js";
import { words } from "./words.js";

// Of what is hidden, only what belongs to the words: which text they began with, and by what name a mail is sent once.
const HIDDEN = ["used", "used_language", "once"];
const opened = new WeakMap();
const done = new WeakSet();
const kept = new Map();
// What the server had, by field, when somebody began with the words that stand there; undecided, it stays what it was then.
const began = new WeakMap();

const formOf = (dialog) => dialog.querySelector("form[method=post]");
const isTicked = (control) => control.type === "checkbox" || control.type === "radio";
const counts = (control) => control.name && control.type !== "file" && (control.type !== "hidden" || HIDDEN.includes(control.name)) && control.matches("input, select, textarea");
// The same form of the same cases: what was said of some is not said of others.
const keyOf = (form) => [form.closest("dialog").id, form.action, ...[...form.querySelectorAll("[name=case]")].map((one) => one.value)].join(" ");
const controls = (form) => [...form.elements].filter(counts);
const said = (form) => controls(form).map((control) => [control.name, isTicked(control) ? control.value : "", isTicked(control) ? control.checked : control.value]);

// Only what somebody touched: the rest is as the server has it by then, which may be a colleague's.
function touched(dialog) {
  const form = formOf(dialog);
  if (!form || !opened.has(dialog)) return [];
  return said(form).filter((one) => !opened.get(dialog).has(JSON.stringify(one)));
}

const changed = (dialog) => touched(dialog).length > 0;

// A click beside it closes only what nobody has touched.
function guard(dialog) {
  if (dialog.hasAttribute("closedby")) dialog.setAttribute("closedby", changed(dialog) ? "closerequest" : "any");
}

function say(control, value) {
  if (isTicked(control)) control.checked = value;
  else control.value = value;
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

// A tick is either on or off, and a time that is proposed moves by itself: of what else a colleague changed since, too, the reader chooses.
const mayClash = (control) => !["checkbox", "hidden", "datetime-local"].includes(control.type);

function chooseWhich(form, control, theirs, before) {
  const since = began.get(form.closest("dialog"));
  since.set(control.name, before);
  askWhich(form, control, theirs, (take) => {
    since.set(control.name, theirs);
    const of = controls(form).find((one) => one.name === control.name && (!isTicked(one) || one.value === theirs));
    if (take && of) say(of, isTicked(of) || theirs);
  });
}

function putBack(form, draft) {
  for (const [name, choice, value, before] of draft) {
    const control = controls(form).find((one) => one.name === name && (!isTicked(one) || one.value === choice));
    if (!control || (isTicked(control) ? control.checked : control.value) === value) continue;
    if (control.matches("select") && ![...control.options].some((option) => option.value === value)) continue;
    const theirs = valueOf(form, control);
    if (control.type === "radio" && !value) continue;
    say(control, value);
    if (mayClash(control) && before !== undefined && theirs !== before) chooseWhich(form, control, theirs, before);
  }
  const note = document.createElement("p");
  note.className = "small muted";
  note.setAttribute("role", "status");
  note.textContent = words.kept;
  (form.querySelector("h2") ?? form.firstElementChild).after(note);
}

document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
  if (!(target instanceof HTMLDialogElement)) return;
  const form = formOf(target);
  if (form && detail.requestConfig.verb === "get") {
    opened.set(target, new Set(said(form).map((one) => JSON.stringify(one))));
    began.set(target, new Map(controls(form).filter(mayClash).map((control) => [control.name, valueOf(form, control)])));
    if (kept.has(keyOf(form))) putBack(form, kept.get(keyOf(form)));
  }
  guard(target);
});

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    const dialog = event.target.closest?.("dialog[open]");
    if (dialog) guard(dialog);
  });
}

const forget = (dialog) => dialog && done.add(dialog);

document.addEventListener("click", (event) => forget(event.target.closest?.("dialog button[command=close]")?.closest("dialog")));

document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful, xhr } }) => {
  if (elt.matches?.("[data-close-on-success]") && successful && xhr.status !== 422) forget(elt.closest("dialog"));
});

document.addEventListener("close", ({ target }) => {
  if (!(target instanceof HTMLDialogElement)) return;
  const form = formOf(target);
  if (form && changed(target) && !done.has(target)) {
    const draft = [...touched(target), ...said(form).filter(([name]) => HIDDEN.includes(name))];
    kept.set(keyOf(form), draft.map((one) => [...one, began.get(target)?.get(one[0])]));
  } else if (form) kept.delete(keyOf(form));
  done.delete(target);
  opened.delete(target);
  began.delete(target);
  guard(target);
}, true);
