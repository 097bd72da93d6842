// A list with a keyboard cursor and a selection, both kept over swaps by the rows' ids.
const ROWS = "[data-rows] tbody > tr[id], ul[data-rows] > li[id], ol[data-rows] > li[id]";

let anchor = "";
let memory = null;

const rows = () => [...document.querySelectorAll(ROWS)].filter((row) => row.checkVisibility());
const link = (row) => row.querySelector(".rowlink") ?? row.querySelector("a");
const box = (row) => row?.querySelector("input[type=checkbox]");

export const currentRow = () => rows().find((row) => row.getAttribute("aria-current") === "true") ?? null;
export const selectedRows = () => rows().filter((row) => box(row)?.checked);

/** Puts the cursor, and the focus, on a row. */
function setCursor(row, { focus = true } = {}) {
  for (const other of document.querySelectorAll("[data-rows] [aria-current=true]")) if (other.id) other.removeAttribute("aria-current");
  if (!row) return;
  row.setAttribute("aria-current", "true");
  if (focus) link(row)?.focus({ preventScroll: true });
  if (focus) row.scrollIntoView({ block: "nearest" });
}

/** One row on or back; without a cursor, to the first or last row. */
export function move(step) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(currentRow());
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step));
  setCursor(all[next]);
  return true;
}

export function openRow() {
  const row = currentRow();
  if (row) link(row)?.click();
  return Boolean(row);
}

/** Selects or toggles a row; with `range`, all rows from the last one touched. */
export function selectRow(row, on = !box(row)?.checked, range = false) {
  if (!box(row)) return false;
  const all = rows();
  const from = all.findIndex((other) => other.id === anchor);
  const to = all.indexOf(row);
  const chosen = range && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
  for (const other of chosen) if (box(other)) box(other).checked = on;
  anchor = row.id;
  showSelection();
  return true;
}

/** Clears the selection; false if there was none. */
export function clearSelection() {
  const chosen = selectedRows();
  for (const row of chosen) box(row).checked = false;
  showSelection();
  return chosen.length > 0;
}

function showSelection() {
  const all = rows().filter(box);
  const count = all.filter((row) => box(row).checked).length;
  for (const label of document.querySelectorAll("[data-selected-count]")) label.textContent = count;
  for (const master of document.querySelectorAll("[data-select-all]")) {
    master.checked = count > 0 && count === all.length;
    master.indeterminate = count > 0 && count < all.length;
  }
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select-all]")) {
    for (const row of rows()) if (box(row)) box(row).checked = event.target.checked;
  }
  const row = event.target.closest?.(ROWS);
  if (row) anchor = row.id;
  showSelection();
});
document.addEventListener("click", (event) => {
  const row = event.target.closest?.(ROWS);
  if (row && event.shiftKey && event.target === box(row)) selectRow(row, event.target.checked, true);
});
document.addEventListener("reset", () => setTimeout(showSelection));
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.(ROWS);
  if (row && row !== currentRow()) setCursor(row, { focus: false });
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.shouldSwap) return;
  const row = currentRow();
  memory = {
    id: row?.id,
    at: rows().indexOf(row),
    focused: Boolean(row?.contains(document.activeElement)),
    scroll: [window.scrollX, window.scrollY],
    selected: event.detail.requestConfig?.triggeringEvent?.type === "portal:poll" ? selectedRows().map((one) => one.id) : [],
  };
});
document.addEventListener("htmx:afterSettle", () => {
  if (memory) restore(memory);
  memory = null;
  showSelection();
});

function restore({ id, at, focused, scroll, selected }) {
  for (const row of rows()) if (selected.includes(row.id) && box(row)) box(row).checked = true;
  if (!id || currentRow()) return;
  const all = rows();
  const row = all.find((one) => one.id === id) ?? all[Math.min(at, all.length - 1)];
  if (!row) return;
  setCursor(row, { focus: false });
  const lost = !document.activeElement || document.activeElement === document.body;
  if (focused && lost) link(row)?.focus({ preventScroll: true });
  window.scrollTo(...scroll);
}

showSelection();
