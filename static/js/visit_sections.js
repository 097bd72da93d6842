// One section of a visit at a time: the address says which, and it is there again after a reload.
import { fill } from "./words.js";

/** Shows the sections one by one; returns what counts their answers: `counted(isAnswered)`. */
export function sections(form, words) {
  const parts = [...form.querySelectorAll(".visit-part")];
  const links = [...document.querySelectorAll(".visit-nav a")];
  const memory = `portal-visit:${location.pathname}`;

  function shown() {
    const asked = location.hash.slice(1) || remembered(memory);
    return Math.max(parts.findIndex((part) => part.id === asked), 0);
  }

  function turn(focus) {
    const at = shown();
    parts.forEach((part, index) => part.classList.toggle("is-shown", index === at));
    links.forEach((link, index) => (index === at ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current")));
    remember(memory, parts[at]?.id ?? "");
    if (!focus || !parts[at]) return;
    links[at].scrollIntoView({ block: "nearest", inline: "center" });
    parts[at].querySelector("h2").focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }

  window.addEventListener("hashchange", () => turn(true));
  turn(false);
  return (isAnswered) => parts.forEach((part) => {
    const all = [...part.querySelectorAll("[data-question]")];
    const n = all.filter(isAnswered).length;
    part.querySelector("[data-answered]").textContent = fill(words.answered, { n, of: all.length });
  });
}

function remembered(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

function remember(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    // A browser that keeps nothing begins with the first section.
  }
}
