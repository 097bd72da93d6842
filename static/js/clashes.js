// What somebody typed before and what a colleague has saved since, for the same field: the reader says which one it shall be.
import { fill, words } from "./words.js";

const isChoice = (control) => control.type === "radio";
const labelOf = (control) => (isChoice(control) ? control.closest("fieldset")?.querySelector("legend") : control.labels?.[0])?.textContent.trim() ?? "";

/** What a control says; of several that share a name, what is chosen. */
export const valueOf = (form, control) => (isChoice(control) ? form.elements.namedItem(control.name).value : control.value);

function shown(form, control, value) {
  if (control.matches("select")) return [...control.options].find((option) => option.value === value)?.text ?? value;
  if (isChoice(control)) return [...form.elements].find((one) => one.name === control.name && one.value === value)?.labels[0]?.textContent.trim() ?? value;
  return value;
}

function button(text, label, press) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn--sm";
  made.textContent = text;
  const about = document.createElement("span");
  about.className = "sr";
  about.textContent = `: ${label}`;
  made.append(about);
  made.addEventListener("click", press);
  return made;
}

/** Asks below the control, which holds what was typed; nothing is sent before the reader has said so. `chosen(theirs)`: they did. */
export function askWhich(form, control, theirs, chosen) {
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.dataset.tone = "amber";
  const box = document.createElement("div");
  const text = document.createElement("p");
  text.className = "small pre";
  text.textContent = theirs ? fill(words.clash, { value: shown(form, control, theirs) }) : words.clash_empty;
  const choices = document.createElement("p");
  choices.className = "row mt-3";
  const decide = (take) => {
    control.setCustomValidity("");
    banner.remove();
    chosen(take);
    control.focus();
  };
  const label = labelOf(control);
  choices.append(button(words.clash_keep, label, () => decide(false)), button(words.clash_take, label, () => decide(true)));
  box.append(text, choices);
  banner.append(box);
  control.setCustomValidity(words.clash_choose);
  (control.closest("fieldset, .field") ?? control).append(banner);
}
