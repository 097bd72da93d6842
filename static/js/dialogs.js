// Dialogs open by `commandfor` alone in today's browsers; this is for those that do not know it, and for what htmx adds.
const KNOWS_COMMANDS = "commandForElement" in HTMLButtonElement.prototype;
const KNOWS_CLOSEDBY = "closedBy" in HTMLDialogElement.prototype;

function run(button) {
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (!(dialog instanceof HTMLDialogElement)) return;
  if (button.getAttribute("command") === "close") dialog.close();
  else if (!dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[commandfor]");
  if (button && !KNOWS_COMMANDS) run(button);
  if (!KNOWS_CLOSEDBY && event.target.matches?.("dialog[closedby=any]")) event.target.close();
  const confirm = event.target.closest?.("[data-confirm]");
  if (confirm) {
    event.preventDefault();
    document.getElementById(confirm.dataset.confirm)?.showModal();
  }
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("[data-close-on-success]");
  if (form && event.detail.successful && event.detail.xhr.status !== 422) form.closest("dialog")?.close();
});

// Refused by a button of the page, whose form came into a closed dialog: nobody would see why.
document.addEventListener("htmx:afterSwap", ({ target, detail }) => {
  if (target instanceof HTMLDialogElement && !target.open && detail.xhr.status === 422) target.showModal();
});

// A form that was fetched into an open dialog: to its first field, or to what is wrong with it.
document.addEventListener("htmx:afterSettle", (event) => {
  const dialog = event.target.closest?.("dialog[open]");
  if (!dialog || dialog.contains(document.activeElement) || dialog.querySelector("#form-errors")) return;
  dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea, button")?.focus();
});

// A closed dialog forgets the form that was fetched into it: opened again, it must not offer an old one that the new one wipes.
const asWritten = new WeakMap();

document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  if (target instanceof HTMLDialogElement && !asWritten.has(target)) asWritten.set(target, target.innerHTML);
});

document.addEventListener("close", ({ target }) => {
  if (asWritten.has(target)) setTimeout(() => target.open || (target.innerHTML = asWritten.get(target)));
}, true);

// A dialog gives the focus back to its opener; when a swap took that away, the page's heading is next best.
document.addEventListener("close", (event) => {
  if (!(event.target instanceof HTMLDialogElement)) return;
  setTimeout(() => {
    if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
  });
}, true);
