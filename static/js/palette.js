// The palette: what the search finds, what can be done on this page, pages to go to. Without script its button leads to the search.
import { bind } from "./keys.js";
import { icon, words } from "./words.js";

const DELAY = 150;
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
const status = document.getElementById("palette-status");
let timer = 0;
let request = null;
let composing = false;

function open() {
  if (!dialog || document.querySelector("dialog[open]")) return false;
  dialog.showModal();
  input.value = "";
  load();
  return true;
}

const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled=true])")];

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

const textOf = (element) =>
  [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent.trim()).join(" ").trim()
  || element.labels?.[0]?.textContent.trim() || element.getAttribute("aria-label") || "";

/** The button of this page that opens the form behind a link, so that the form comes as a dialog. */
const buttonOf = (link) => {
  const address = link.getAttribute("href");
  return [...document.querySelectorAll("main [hx-get]")].find((element) => element.getAttribute("hx-get") === address);
};

/** The page's own keys that match the text, unless the server offers the same. */
function commands(text, offered) {
  const found = [...document.querySelectorAll("main [data-key]")].filter(
    (element) => element.checkVisibility() && textOf(element).toLowerCase().includes(text)
      && !offered.includes(element.getAttribute("href")) && !offered.includes(element.getAttribute("hx-get")));
  return found.map((element, at) => {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.id = `po-command-${at}`;
    const label = document.createElement("span");
    label.textContent = textOf(element);
    option.append(icon("right"), label);
    option.addEventListener("click", () => { dialog.close(); element.click(); });
    return option;
  });
}

function addCommands(text) {
  const mine = commands(text, options().map((option) => option.getAttribute("href")));
  if (!mine.length) return;
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", list.dataset.commands);
  const heading = document.createElement("div");
  heading.setAttribute("role", "presentation");
  heading.textContent = list.dataset.commands;
  group.append(heading, ...mine);
  list.append(group);
}

function addNothing() {
  const none = document.createElement("div");
  none.setAttribute("role", "option");
  none.setAttribute("aria-disabled", "true");
  none.id = "po-none";
  none.textContent = words.nothing;
  list.append(none);
}

function show(html, text) {
  list.innerHTML = html.trim();
  const said = list.querySelector("[data-count]");
  said?.remove();
  addCommands(text.toLowerCase());
  const found = options();
  if (!found.length && text) addNothing();
  input.setAttribute("aria-expanded", String(list.childElementCount > 0));
  choose(found[0]);
  status.textContent = found.length ? said?.textContent ?? "" : words.nothing;
}

/** Asks for the text as it is now; an answer that comes after a newer question is dropped. */
async function load() {
  clearTimeout(timer);
  request?.abort();
  const mine = request = new AbortController();
  const text = input.value.trim();
  const asked = new URLSearchParams({ q: text, at: location.pathname });
  let html = "";
  try {
    const answer = await fetch(`${dialog.dataset.source}?${asked}`, { signal: mine.signal, headers: { "HX-Request": "true" } });
    html = answer.ok && !answer.redirected ? await answer.text() : "";
  } catch (error) {
    if (error.name === "AbortError") return;
  }
  if (mine === request) show(html, text);
}

function later() {
  clearTimeout(timer);
  if (!composing) timer = setTimeout(load, DELAY);
}

function step(event) {
  const all = options();
  if (!all.length) return;
  event.preventDefault();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
}

function enter(event) {
  const chosen = options().find((option) => option.getAttribute("aria-selected") === "true");
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
}

if (dialog) {
  bind("mod+k", open);
  bind("/", open);
  for (const button of document.querySelectorAll("[data-palette]")) {
    button.setAttribute("aria-haspopup", "dialog");
    button.addEventListener("click", (event) => {
      event.preventDefault();
      open();
    });
  }
  // While somebody composes Chinese, the field holds letters that are no words yet.
  input.addEventListener("compositionstart", () => { composing = true; clearTimeout(timer); });
  input.addEventListener("compositionend", () => { composing = false; later(); });
  input.addEventListener("input", later);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event);
    else if (event.key === "Enter") enter(event);
  });
  list.addEventListener("click", (event) => {
    const link = event.target.closest("a[role=option]");
    if (!link || event.ctrlKey || event.metaKey) return;
    const button = buttonOf(link);
    if (button) event.preventDefault();
    dialog.close();
    button?.click();
  });
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    request?.abort();
    request = null;
    list.textContent = status.textContent = "";
    input.setAttribute("aria-expanded", "false");
    choose(null);
  });
}
