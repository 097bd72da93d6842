// Somebody was faster: Reload brings the case as it is by now into the page, and the form anew with what was typed (drafts.js keeps it over the closing).
import { typedIn } from "./returning.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";

const REGIONS = ["case-head", "case-main", "case-rail"];
const openedBy = new WeakMap();

document.addEventListener("htmx:afterSettle", ({ target, detail: { requestConfig } }) => {
  if (target instanceof HTMLDialogElement && requestConfig.verb === "get") openedBy.set(target, requestConfig.elt.getAttribute("hx-get"));
});

const regions = () => REGIONS.map((id) => document.getElementById(id)).filter(Boolean);

// Where somebody is typing nothing is put in place of it.
async function refresh(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "manual" });
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of regions().filter((one) => !typedIn(one))) {
    const fresh = page.getElementById(old.id);
    if (!fresh) continue;
    old.replaceWith(document.adoptNode(fresh));
    window.htmx?.process(fresh);
  }
}

function openerOf(dialog) {
  const found = [...document.querySelectorAll(`button[commandfor="${dialog.id}"][command=show-modal][hx-get]`)];
  return found.find((one) => one.getAttribute("hx-get") === openedBy.get(dialog)) ?? found[0];
}

function openAnew(dialog) {
  const opener = openerOf(dialog);
  if (!opener) return toast(words.no_longer, { tone: "red" });
  dialog.addEventListener("close", () => setTimeout(() => opener.click()), { once: true });
  dialog.close();
}

async function bringUpToDate(link, dialog) {
  const told = link.closest(".toast");
  try {
    await refresh(link.href);
  } catch {
    return toast(words.offline, { tone: "red", actions: [[words.retry, () => bringUpToDate(link, dialog)]] });
  }
  told.remove();
  if (dialog) openAnew(dialog);
  else document.getElementById("main")?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".toast[data-reload] > a");
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || !regions().length) return;
  const dialog = document.querySelector("dialog:modal");
  if (!dialog && (regions().some(typedIn) || !typedIn(document))) return;
  event.preventDefault();
  bringUpToDate(link, dialog);
});
