// Asks for news: an element with data-poll (seconds) gets the event its hx-trigger waits for, unless someone is in the middle of something.
import { selectedRows } from "./table.js";
import { typing } from "./keys.js";

const CHECK = 1000;
const asked = new WeakMap();

/** True while a swap would disturb: a dialog or menu is open, rows are selected, someone types, nobody looks. */
export function busy() {
  const menu = document.querySelector("dialog[open], :popover-open, details.filter[open]");
  return Boolean(document.hidden || menu || selectedRows().length || (typing() && document.activeElement.value));
}

function check() {
  const now = performance.now();
  for (const element of document.querySelectorAll("[data-poll]")) {
    if (!asked.has(element)) asked.set(element, now);
    const waited = now - asked.get(element);
    if (waited < Number(element.dataset.poll) * 1000 || busy() || element.classList.contains("htmx-request")) continue;
    asked.set(element, now);
    window.htmx?.trigger(element, "portal:poll");
  }
}

setInterval(check, CHECK);
