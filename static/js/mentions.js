// Naming people in a note: a list while an @name is typed, and a word on what names nobody. Without script the name is typed, and the answer says the same.
const DELAY = 150;
const PAUSE = 700;
const OPEN = /(?:^|[^A-Za-z0-9_.@])@([^\s@]{0,40})$/;
const ANY = /(?<![A-Za-z0-9_.@])@([^\s@][^@\n]{0,39})/g;
const MOST = 8;
let timer = 0;
let hinting = 0;
let request = null;

const boxOf = (event) => (event.target instanceof HTMLTextAreaElement && event.target.dataset.mentions ? event.target : null);
const listOf = () => document.getElementById("mention-list");
const options = () => [...listOf().querySelectorAll("[role=option]")];
const internal = (box) => !box.form?.elements.shared || box.form.elements.shared.value !== "1";

function typed(box) {
  if (!internal(box) || box.selectionStart !== box.selectionEnd) return null;
  return OPEN.exec(box.value.slice(0, box.selectionStart))?.[1] ?? null;
}

function choose(box, option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

// A text area is a combobox while its list is open, and only then.
function open(box) {
  listOf().hidden = false;
  document.getElementById("mention-hint").textContent = "";
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": "mention-list" })) box.setAttribute(name, value);
  choose(box, options()[0]);
}

function close(box) {
  clearTimeout(timer);
  request?.abort();
  const list = listOf();
  if (!list || list.hidden) return;
  list.hidden = true;
  list.replaceChildren();
  soon(box);
  for (const name of ["role", "aria-expanded", "aria-autocomplete", "aria-haspopup", "aria-controls", "aria-activedescendant"]) box.removeAttribute(name);
}

async function ask(box, query, signal) {
  const answer = await fetch(`${box.dataset.mentions}?${new URLSearchParams(query)}`, { signal });
  return answer.ok && !answer.redirected ? (await answer.text()).trim() : "";
}

async function suggest(box, text) {
  request?.abort();
  request = new AbortController();
  try {
    const html = await ask(box, { q: text }, request.signal);
    if (typed(box) !== text) return;
    listOf().innerHTML = html;
    if (options().length) open(box);
    else close(box);
  } catch (error) {
    if (error.name !== "AbortError") close(box);
  }
}

async function hint(box) {
  const place = document.getElementById("mention-hint");
  const said = internal(box) && listOf().hidden ? [...box.value.matchAll(ANY)].slice(0, MOST).map((found) => ["said", `@${found[1]}`]) : [];
  if (!said.length) {
    place.textContent = "";
    return;
  }
  try {
    place.innerHTML = await ask(box, said);
  } catch {
    // The answer to sending says it too.
  }
}

function insert(box, option) {
  const before = box.value.slice(0, box.selectionStart).replace(/@[^\s@]*$/, `@${option.dataset.spelling} `);
  box.value = before + box.value.slice(box.selectionStart);
  box.setSelectionRange(before.length, before.length);
  close(box);
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function soon(box) {
  clearTimeout(hinting);
  hinting = setTimeout(() => hint(box), PAUSE);
}

document.addEventListener("input", (event) => {
  const box = boxOf(event);
  if (!box) return;
  const text = typed(box);
  clearTimeout(timer);
  if (text === null) close(box);
  else timer = setTimeout(() => suggest(box, text), DELAY);
  soon(box);
});

document.addEventListener("keydown", (event) => {
  const box = boxOf(event);
  if (!box || event.isComposing || listOf()?.hidden !== false) return;
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(box, all[(at + step + all.length) % all.length]);
  else if ((event.key === "Enter" || event.key === "Tab") && at >= 0) insert(box, all[at]);
  else if (event.key === "Escape") close(box);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// Pressing an option must not take the focus away from the text.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest?.("#mention-list [role=option]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const option = event.target.closest?.("#mention-list [role=option]");
  const box = document.querySelector("textarea[data-mentions]");
  if (option && box) insert(box, option);
});

document.addEventListener("change", (event) => {
  const box = event.target.name === "shared" ? event.target.form?.querySelector("textarea[data-mentions]") : null;
  if (box) {
    close(box);
    soon(box);
  }
});

document.addEventListener("focusout", (event) => {
  const box = boxOf(event);
  if (box) close(box);
});
