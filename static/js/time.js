// Durations and clock states: pure, so that they can be tested without a page.
import { fill } from "./words.js";

const RANK = ["ok", "warn", "late", "breached"];

/** Seconds as the server writes them: 45s, 18m, 1h 05m, 3d 4h; below zero "42m over". */
export function duration(seconds, words) {
  if (seconds < 0) return fill(words.over, { time: duration(-seconds, words) });
  const s = Math.floor(seconds);
  if (s < 60) return fill(words.seconds, { s });
  if (s < 3600) return fill(words.minutes, { m: Math.floor(s / 60) });
  if (s < 86400) return fill(words.hours, { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  return fill(words.days, { d: Math.floor(s / 86400), h: Math.floor((s % 86400) / 3600) });
}

/** The state at `now` (ms); it only ever gets worse than the one the server gave. */
export function stateAt(now, { state, due, warn, late, left }) {
  let found = "ok";
  if (warn && now >= warn) found = "warn";
  if (late && now >= late) found = "late";
  if (due ? now >= due : left < 0) found = "breached";
  return RANK.indexOf(found) > RANK.indexOf(state) ? found : state;
}

/** Percent of the target left, 0..100; null if the start is not known. */
export function percentLeft(now, { start, due }) {
  if (!start || due <= start) return null;
  return Math.max(0, Math.min(100, Math.round(((due - now) / (due - start)) * 100)));
}
