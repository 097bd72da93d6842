// Toasts: success leaves by itself, trouble waits. Failed requests speak here.
import { icon, words } from "./words.js";

const STAY = 6000;
const region = document.getElementById("toasts");
const home = region?.parentElement;

/** An open dialog makes all else inert: what may be pressed in a toast has to stand in it, and leaves before its content is swapped. */
function place(parent) {
  if (region && region.parentElement !== parent) parent.append(region);
}

const toTheFront = () => place([...document.querySelectorAll("dialog:modal")].at(-1) ?? home);
document.addEventListener("htmx:beforeSwap", () => place(home));
document.addEventListener("close", () => place(home), true);

function button(text, run) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "btn btn--sm btn--quiet";
  element.textContent = text;
  element.addEventListener("click", run);
  return element;
}

/** Shows a toast. `actions` are [text, function]. */
export function toast(text, { tone = "ok", actions = [] } = {}) {
  toTheFront();
  const element = document.createElement("div");
  element.className = "toast";
  element.dataset.tone = tone;
  const body = document.createElement("div");
  body.textContent = text;
  element.append(icon(tone === "red" ? "over" : "check"), body);
  for (const [label, run] of actions) element.append(button(label, () => { element.remove(); run(); }));
  region?.append(element);
}

function watch(element) {
  if (element.dataset.seen) return;
  element.dataset.seen = "1";
  window.htmx?.process(element);
  if (element.dataset.tone === "red") addDismiss(element);
  else leaveLater(element);
}

function addDismiss(element) {
  const close = button("", () => element.remove());
  close.classList.add("btn--icon");
  close.setAttribute("aria-label", words.dismiss);
  close.append(icon("x"));
  element.append(close);
}

function leaveLater(element) {
  let timer = setTimeout(() => element.remove(), STAY);
  const hold = () => clearTimeout(timer);
  const resume = () => { clearTimeout(timer); timer = setTimeout(() => element.remove(), STAY); };
  element.addEventListener("pointerenter", hold);
  element.addEventListener("pointerleave", resume);
  element.addEventListener("focusin", hold);
  element.addEventListener("focusout", resume);
  element.addEventListener("htmx:afterRequest", (event) => event.detail.successful && element.remove());
}

if (region) {
  const all = () => region.querySelectorAll(":scope > .toast").forEach(watch);
  new MutationObserver(all).observe(region, { childList: true });
  all();
}

const isPoll = (detail) => detail.requestConfig?.triggeringEvent?.type === "portal:poll";

function again(element) {
  if (element.matches("form")) return element.requestSubmit();
  if (element.form && element.matches("input, select, textarea")) return element.form.requestSubmit();
  return element.click();
}

const MESSAGES = { 401: "signed_out", 403: "forbidden", 404: "gone", 409: "conflict", 410: "gone", 429: "busy" };

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  if (isPoll(event.detail)) return;
  if (xhr.getResponseHeader("X-Toast")) {
    toTheFront();
    region?.insertAdjacentHTML("beforeend", xhr.responseText);
    return;
  }
  const failed = xhr.status >= 500;
  const key = MESSAGES[xhr.status] ?? (failed ? "failed" : "refused");
  const action = failed || xhr.status === 429 ? [words.retry, () => again(elt)] : [words.reload, () => location.reload()];
  toast(words[key], { tone: "red", actions: [action] });
});

// What a page asks for by itself, out of sight: nobody pressed anything, and nothing was to be saved.
const isUnseen = ({ elt, requestConfig }) => elt.hidden && requestConfig?.verb === "get";

document.addEventListener("htmx:sendError", (event) => {
  if (isPoll(event.detail) || isUnseen(event.detail)) return;
  const { elt } = event.detail;
  toast(words.offline, { tone: "red", actions: [[words.retry, () => again(elt)]] });
});

document.addEventListener("click", async (event) => {
  const source = event.target.closest("[data-copy]");
  if (!source) return;
  await navigator.clipboard.writeText(source.dataset.copy);
  toast(words.copied);
});
