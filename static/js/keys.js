// Single keys. Actions are declared in the markup: data-key on buttons and links, data-go on links, data-rows on lists.
import { clearSelection, currentRow, move, openRow, selectRow, selectedRows } from "./table.js";

const PAUSE_FOR_SECOND_KEY = 1500;
const bound = new Map();
let goUntil = 0;

/** Lets a module own a key ("mod+k", "/"); keys with "mod" work while typing too. */
export function bind(key, run) {
  bound.set(key, run);
}

export function typing(element = document.activeElement) {
  if (!element) return false;
  if (element.isContentEditable || element.matches("textarea, select")) return true;
  return element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset])");
}

function nameOf(event) {
  if (event.altKey) return "";
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `mod+${key}`;
  return event.shiftKey && /^[\p{L}]$/u.test(key) ? `Shift+${key}` : key;
}

const has = (element, key) => element.dataset.key.split(" ").includes(key);
const usable = (element) =>
  !element.disabled && element.getAttribute("aria-disabled") !== "true" &&
  (element.checkVisibility() || element.closest("[popover], .bulk"));

function find(root, key) {
  return [...root.querySelectorAll("[data-key]")].find((element) => has(element, key) && usable(element));
}

/** The element a key stands for: in the open dialog alone; else in the cursor's row, the bulk bar, the page. */
function target(key) {
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  if (dialog) return find(dialog, key);
  const row = currentRow();
  const inRow = row && find(row, key);
  if (inRow) return inRow;
  const bulk = [...document.querySelectorAll(".bulk")].map((bar) => find(bar, key)).find(Boolean);
  if (bulk && (selectedRows().length || row)) return bulk;
  return [...document.querySelectorAll("[data-key]")].find(
    (element) => has(element, key) && usable(element) && !element.closest(".bulk, dialog, [data-rows]"));
}

function press(element) {
  if (element.closest(".bulk") && !selectedRows().length) selectRow(currentRow(), true);
  element.click();
  return true;
}

function go(key) {
  goUntil = 0;
  const link = [...document.querySelectorAll("[data-go]")].find((element) => element.dataset.go === key);
  if (!link) return false;
  link.click();
  return true;
}

const LIST_KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => openRow(),
  Enter: () => openRow(),
  x: () => currentRow() && selectRow(currentRow()),
  "Shift+x": () => currentRow() && selectRow(currentRow(), true, true),
};

function undo() {
  const button = [...document.querySelectorAll("#toasts [data-undo]")].at(-1);
  button?.click();
  return Boolean(button);
}

function single(key) {
  if (goUntil > Date.now()) return go(key);
  goUntil = 0;
  if (bound.has(key)) return bound.get(key)();
  const element = target(key);
  if (element) return press(element);
  if (document.querySelector("dialog[open]")) return false;
  if (LIST_KEYS[key]) return LIST_KEYS[key]();
  if (key === "z") return undo();
  if (key === "g" && document.querySelector("[data-go]")) goUntil = Date.now() + PAUSE_FOR_SECOND_KEY;
  return goUntil > 0;
}

function escape() {
  if (document.querySelector("dialog[open], :popover-open")) return false;
  if (typing()) {
    document.activeElement.blur();
    return true;
  }
  return clearSelection();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented || event.repeat && !"jk".includes(event.key)) return;
  const key = nameOf(event);
  if (!key) return;
  if (key.startsWith("mod+")) {
    if (bound.get(key)?.()) event.preventDefault();
    return;
  }
  if (key === "Escape") {
    if (escape()) event.preventDefault();
    return;
  }
  if (document.body.dataset.shortcuts === "off" || typing()) return;
  if (key === "Enter" && document.activeElement?.matches("a, button, summary, input")) return;
  if (single(key)) event.preventDefault();
});
