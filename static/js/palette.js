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
// The text that is being asked for, the text that the list answers, and the text of which Enter awaits the answer.
let asking = null;
let shown = null;
let awaited = null;

function open() {
  if (!dialog || document.querySelector("dialog[open]")) return false;
  forget();
  dialog.showModal();
  input.value = "";
  load();
  return true;
}

/** Nothing is asked or listed any more. */
function forget() {
  clearTimeout(timer);
  request?.abort();
  request = asking = shown = awaited = null;
  list.textContent = status.textContent = "";
  input.setAttribute("aria-expanded", "false");
  choose(null);
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

/** A word of the label begins with the text; Chinese has no spaces, so that one may begin anywhere. */
function begins(label, text) {
  const inside = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(text);
  for (let at = label.indexOf(text); at >= 0; at = label.indexOf(text, at + 1)) {
    if (inside || !/[\p{L}\p{N}_]$/u.test(label.slice(0, at))) return true;
  }
  return false;
}

/** The page's own keys that match the text, unless the server offers the same. */
function commands(text, offered) {
  const isOffered = (element) => offered.some((one) => one === element.getAttribute("href") || one === element.getAttribute("hx-get")
    || (element.htmlFor && one.endsWith(`#${element.htmlFor}`)));
  const found = [...document.querySelectorAll("main [data-key]")].filter(
    (element) => element.checkVisibility() && textOf(element).toLowerCase().includes(text) && !isOffered(element));
  return found.map((element, at) => {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.id = `po-command-${at}`;
    const label = document.createElement("span");
    label.textContent = textOf(element);
    option.append(icon("right"), label);
    option.addEventListener("click", () => { dialog.close(); element.click(); });
    return { option, isFirst: text !== "" && begins(textOf(element).toLowerCase(), text) };
  });
}

/** Those of which a word begins so stand before what fits less, the others at the end. */
function addCommands(text) {
  const mine = commands(text, options().map((option) => option.getAttribute("href")));
  addGroup(mine.filter((one) => one.isFirst), list.querySelector("[data-less]"));
  addGroup(mine.filter((one) => !one.isFirst), null);
}

function addGroup(mine, before) {
  if (!mine.length) return;
  const group = document.createElement("div");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", list.dataset.commands);
  const heading = document.createElement("div");
  heading.setAttribute("role", "presentation");
  heading.textContent = list.dataset.commands;
  group.append(heading, ...mine.map((one) => one.option));
  list.insertBefore(group, before);
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

/** What stands in the field now. */
const typed = () => input.value.trim();

/** What the list answers is not what stands in the field. */
const isOld = () => shown !== typed();

/** Asks for the text as it is now; an answer that comes after a newer question is dropped. */
async function load() {
  clearTimeout(timer);
  request?.abort();
  const mine = request = new AbortController();
  const text = asking = typed();
  const asked = new URLSearchParams({ q: text, at: location.pathname });
  let html = null;
  try {
    const answer = await fetch(`${dialog.dataset.source}?${asked}`, { signal: mine.signal, headers: { "HX-Request": "true" } });
    html = answer.ok && !answer.redirected ? await answer.text() : null;
  } catch (error) {
    if (error.name === "AbortError") return;
  }
  if (mine === request) answered(html, text);
}

/** An answer, or null where none came: then Enter, which awaited it, does nothing. */
function answered(html, text) {
  const acts = html !== null && awaited === text && text === typed();
  asking = awaited = null;
  shown = text;
  show(html ?? "", text);
  if (acts) options()[0]?.click();
}

function later() {
  clearTimeout(timer);
  awaited = null;
  if (!composing) timer = setTimeout(load, DELAY);
}

function step(event) {
  const all = options();
  if (!all.length) return;
  event.preventDefault();
  // Options of another text are about to go.
  if (isOld()) return;
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
}

/** Opens what is chosen; before the answer to what was typed has come, awaits it. */
function enter(event) {
  if (isOld()) {
    event.preventDefault();
    awaited = typed() || null;
    if (asking !== typed()) load();
    return;
  }
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
  input.addEventListener("compositionstart", () => { composing = true; awaited = null; clearTimeout(timer); });
  input.addEventListener("compositionend", () => { composing = false; later(); });
  input.addEventListener("input", later);
  input.addEventListener("keydown", (event) => {
    // Safari ends composing before the Enter that ends it, and marks that key by its code alone.
    if (composing || event.isComposing || event.keyCode === 229) return;
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
  // The event comes some time after the closing: by then the window may stand open anew.
  dialog.addEventListener("close", () => { if (!dialog.open) forget(); });
}
