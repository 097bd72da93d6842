// How a figure was counted: fetched when it is wanted, shown beside what asked for it. Without this its link leads to a small page.
const CLASS = "a.how-at";
let asking = null;

const menuOf = () => document.getElementById("how");

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(CLASS);
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const menu = menuOf();
  if (!menu?.showPopover || !window.htmx) return;
  event.preventDefault();
  asking = link;
  menu.hidePopover();
  // What went wrong is told by a toast.
  window.htmx.ajax("GET", link.href, { source: menu, target: menu, swap: "innerHTML" }).catch(() => {});
});

document.addEventListener("htmx:afterSwap", (event) => {
  const menu = event.target;
  if (menu.id !== "how" || !asking?.isConnected) return;
  for (const link of document.querySelectorAll(`${CLASS}[aria-expanded]`)) link.removeAttribute("aria-expanded");
  // The style sheet ties the menu to the link that is expanded.
  asking.setAttribute("aria-expanded", "true");
  asking.focus();
  menu.showPopover({ source: asking });
  menu.focus();
});

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.id === "how" && event.newState === "closed") {
      document.querySelector(`${CLASS}[aria-expanded]`)?.removeAttribute("aria-expanded");
    }
  },
  true,
);
