// Sentences come from the server in the reader's language; this fills them in.
export const words = JSON.parse(document.body?.dataset.words || "{}");

/** "%(h)dh %(m)02dm" with {h: 1, m: 5} gives "1h 05m". */
export function fill(pattern, values) {
  return (pattern ?? "").replace(/%\((\w+)\)(0\d)?[ds]/g, (_all, name, pad) =>
    pad ? String(values[name]).padStart(Number(pad), "0") : String(values[name]));
}

/** Says something once to screen readers. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}

/** An icon of the sprite, as in the `icon` tag. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#i-${name}`);
  svg.append(use);
  return svg;
}
