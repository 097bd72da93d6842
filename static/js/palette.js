// The palette: pages, commands of this page, and what the search finds. Without script the search in the top bar does it.
import { bind } from "./keys.js";
import { icon, words } from "./words.js";

const DELAY = 150;
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const list = document.getElementById("palette-list");
let timer = 0;
let request = null;

function open() {
  if (!dialog || document.querySelector("dialog[open]")) return false;
  dialog.showModal();
  input.value = "";
  load();
  return true;
}

const options = () => [...list.querySelectorAll("[role=option]")];

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

const textOf = (element) =>
  [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.textContent.trim()).join(" ").trim()
  || element.labels?.[0]?.textContent.trim() || element.getAttribute("aria-label") || "";

/** The page's own actions that match the text, as options. */
function commands(text) {
  const found = [...document.querySelectorAll("main [data-key]")].filter(
    (element) => element.checkVisibility() && textOf(element).toLowerCase().includes(text));
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

function show(html, text) {
  list.innerHTML = html.trim();
  const mine = commands(text);
  if (mine.length) {
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", list.dataset.commands);
    const heading = document.createElement("div");
    heading.setAttribute("role", "presentation");
    heading.textContent = list.dataset.commands;
    group.append(heading, ...mine);
    list.append(group);
  }
  if (!options().length && text) {
    const none = document.createElement("div");
    none.setAttribute("role", "option");
    none.setAttribute("aria-disabled", "true");
    none.id = "po-none";
    none.textContent = words.nothing;
    list.append(none);
  }
  input.setAttribute("aria-expanded", String(options().length > 0));
  choose(options().find((option) => option.getAttribute("aria-disabled") !== "true"));
}

async function load() {
  request?.abort();
  request = new AbortController();
  const text = input.value.trim();
  try {
    const answer = await fetch(`${dialog.dataset.source}?q=${encodeURIComponent(text)}`, { signal: request.signal });
    show(answer.ok && !answer.redirected ? await answer.text() : "", text.toLowerCase());
  } catch (error) {
    if (error.name !== "AbortError") show("", text.toLowerCase());
  }
}

if (dialog) {
  bind("mod+k", open);
  bind("/", open);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, DELAY);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && all.length) {
      event.preventDefault();
      choose(all[(at + step + all.length) % all.length]);
    } else if (event.key === "Enter" && !event.isComposing && at >= 0) {
      event.preventDefault();
      all[at].click();
    }
  });
}
