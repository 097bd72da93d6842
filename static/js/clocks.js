// Ticks every pill that has a due instant. The server stays the truth; this only keeps the page from going stale.
import { announce, fill, icon, words } from "./words.js";
import { duration, percentLeft, stateAt } from "./time.js";

const SECOND = 1000, MINUTE = 60 * SECOND, NEAR = 10 * MINUTE;
const SAID = { late: "late", breached: "breached" };
const GLYPH = { late: "warn", breached: "over" };
const firstSeen = new WeakMap();
let timer = 0;

const instant = (text) => (text ? Date.parse(text) : 0);

// What the page's own clock is off by, against the server's at the time of rendering.
const stamp = document.querySelector("[data-clock]");
const offset = stamp?.dataset.at ? Date.parse(stamp.dataset.at) - Date.now() : 0;
const skew = Math.abs(offset) > 30 * SECOND ? offset : 0;

function read(pill) {
  const data = pill.dataset;
  return { state: data.state, due: instant(data.due), start: instant(data.start), warn: instant(data.warn), late: instant(data.late) };
}

function setGlyph(pill, state) {
  const old = pill.querySelector("svg");
  if (GLYPH[state]) old.replaceWith(icon(GLYPH[state]));
}

function setWord(pill, state) {
  pill.querySelector(".sr")?.remove();
  const word = document.createElement("span");
  word.className = "sr";
  word.textContent = `${words[SAID[state]]} `;
  pill.querySelector(".left").before(word);
}

/** What a transition is about: the row's subject or the clock's name. */
function subject(pill) {
  const row = pill.closest("tr, li, .todo, .clock");
  return (row?.querySelector(".rowlink, a, span:not(.sla *)")?.textContent ?? "").trim();
}

/** Seconds left: what the server counted (business time), less what has gone by since; else until the due instant. */
function secondsLeft(pill, clock, now) {
  if (!pill.dataset.left) return (clock.due - now) / SECOND;
  if (!firstSeen.has(pill)) firstSeen.set(pill, now);
  return Number(pill.dataset.left) - (now - firstSeen.get(pill)) / SECOND;
}

function update(pill, now) {
  const clock = read(pill);
  const left = secondsLeft(pill, clock, now);
  const state = stateAt(now, { ...clock, left });
  const text = duration(state === "breached" ? Math.min(left, -1) : Math.max(left, 0), words);
  const label = pill.querySelector(".left");
  if (label && label.textContent !== text) label.textContent = text;
  const percent = percentLeft(now, clock);
  if (percent !== null && !GLYPH[state]) pill.querySelector(".ring circle:last-child")?.setAttribute("stroke-dasharray", `${percent} 100`);
  if (state === clock.state) return null;
  pill.dataset.state = state;
  if (!SAID[state]) return null;
  setGlyph(pill, state);
  setWord(pill, state);
  return { state, subject: subject(pill) };
}

function tick() {
  const now = Date.now() + skew;
  const pills = [...document.querySelectorAll(".sla[data-due]")];
  const changes = pills.map((pill) => update(pill, now)).filter(Boolean);
  for (const state of ["late", "breached"]) {
    const what = changes.filter((change) => change.state === state).map((change) => change.subject);
    if (what.length) announce(fill(words[`announce_${state}`], { what: what.join(", ") }));
  }
  tickPageClock(now);
  const near = pills.some((pill) => Math.abs(instant(pill.dataset.due) - now) < NEAR);
  clearTimeout(timer);
  timer = setTimeout(tick, near ? SECOND : MINUTE - (now % MINUTE) + 20);
}

function tickPageClock(now) {
  for (const face of document.querySelectorAll("[data-clock]")) {
    const options = { timeZone: face.dataset.clock, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const time = new Intl.DateTimeFormat("en-GB", options).format(now);
    const text = face.textContent.replace(/\d\d:\d\d$/, time);
    if (text !== face.textContent) face.textContent = text;
  }
}

tick();
document.addEventListener("htmx:afterSettle", tick);
document.addEventListener("visibilitychange", () => document.hidden || tick());
