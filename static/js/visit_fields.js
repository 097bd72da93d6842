// A question of a visit on the page: what is chosen, what is said of it.
import { fill } from "./words.js";

export const questionOf = (element) => element.closest("[data-question]");
export const idOf = (fieldset) => Number(fieldset.dataset.question);
export const fieldOf = (id) => document.getElementById(`q-${id}`);

/** What the controls say. */
export function read(fieldset) {
  const chosen = [...fieldset.querySelectorAll("[name^='said-']")].find((one) => (one.type === "number" ? false : one.checked))?.value;
  const number = fieldset.querySelector("input[type='number']")?.value;
  const score = chosen && chosen !== "na" ? chosen : number;
  return {
    score: chosen === "na" || !score || !/^\d+$/.test(score) ? null : Number(score),
    not_applicable: chosen === "na",
    text: fieldset.querySelector("[name^='text-']")?.value ?? "",
    note: fieldset.querySelector("[name^='note-']").value,
  };
}

/** Put values into the controls; the one that somebody types in stays. */
export function show(fieldset, values) {
  const chosen = values.not_applicable ? "na" : String(values.score ?? "");
  for (const one of fieldset.querySelectorAll("[name^='said-']")) {
    if (one.type === "number") write(one, values.score ?? "");
    else one.checked = one.value === chosen;
  }
  const text = fieldset.querySelector("[name^='text-']");
  if (text) write(text, values.text);
  const note = fieldset.querySelector("[name^='note-']");
  write(note, values.note);
  if (values.note) note.closest("details").open = true;
}

function write(control, value) {
  if (document.activeElement !== control && control.value !== String(value)) control.value = value;
}

/** A score and "not applicable" exclude each other where they are two controls. */
export function exclude(fieldset, changed) {
  const number = fieldset.querySelector("input[type='number']");
  const na = fieldset.querySelector("input[type='checkbox'][value='na']");
  if (!number || !na) return;
  if (changed === na && na.checked) number.value = "";
  if (changed === number && number.value) na.checked = false;
}

export function isAnswered(values) {
  return values.score !== null || values.not_applicable || values.text.trim() !== "";
}

/** An answer in the reader's words. */
export function said(fieldset, values, words) {
  const parts = [];
  if (values.not_applicable) parts.push(words.not_applicable);
  else if (values.score !== null && fieldset.dataset.kind === "yes_no") parts.push(values.score ? words.yes : words.no);
  else if (values.score !== null) parts.push(fill(words.of, { score: values.score, most: fieldset.dataset.most }));
  if (values.text) parts.push(values.text);
  if (!parts.length) parts.push(words.nothing);
  if (values.note) parts.push(`${words.note} ${values.note}`);
  return parts.join(" · ");
}
