// The list of keys in the `?` dialog: those that this page really has.
const dialog = document.getElementById("shortcuts");
const list = document.getElementById("shortcut-list");
// Only Apple's keyboards have ⌘.
const MOD = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";
for (const cap of document.querySelectorAll(".kbd")) if (MOD !== "⌘" && cap.textContent.startsWith("⌘")) cap.textContent = cap.textContent.replace(/⌘(?=.)/, `${MOD} `).replace("⌘", MOD);

function row(keys, text) {
  const term = document.createElement("dt");
  for (const key of keys) {
    const cap = document.createElement("kbd");
    cap.className = "kbd";
    cap.textContent = key.length === 1 ? key.toUpperCase() : key.replace("mod+", MOD === "⌘" ? MOD : `${MOD} `).replace("Shift+", "⇧").toUpperCase();
    term.append(cap, " ");
  }
  const description = document.createElement("dd");
  description.textContent = text;
  for (const part of [term, description]) part.dataset.added = "1";
  list.append(term, description);
}

const textOf = (element) => {
  const copy = element.cloneNode(true);
  copy.querySelectorAll(".kbd, .count, svg").forEach((part) => part.remove());
  return copy.textContent.trim() || element.labels?.[0]?.textContent.trim() || element.getAttribute("aria-label") || "";
};

function refresh() {
  const has = { rows: document.querySelector("[data-rows]"), select: document.querySelector("[data-rows] input[type=checkbox]") };
  for (const part of list.querySelectorAll("[data-when]")) part.hidden = !has[part.dataset.when];
  for (const part of list.querySelectorAll("[data-added]")) part.remove();
  const seen = new Set();
  for (const element of document.querySelectorAll("main [data-key], #usermenu [data-key]")) {
    const keys = element.dataset.key.split(" ");
    if (seen.has(keys[0]) || !textOf(element)) continue;
    seen.add(keys[0]);
    row(keys, textOf(element));
  }
  if (document.querySelector("#toasts [data-undo]")) row(["z"], textOf(document.querySelector("#toasts [data-undo]")));
  for (const link of document.querySelectorAll("#side [data-go]")) row(["g", link.dataset.go], textOf(link));
}

dialog?.addEventListener("beforetoggle", (event) => event.newState === "open" && refresh());
