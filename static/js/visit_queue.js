// Changes of a visit that are not through yet, oldest first: pure, so that they can be tested without a page.
// A row: {key, question, base, values, made_at, tried, conflict, refused}. `base` null: what the change before it comes to.

/** A question was answered anew. What was never sent is written over; what may have come through is followed by a change of its own. */
export function edited(rows, { question, values, base, key, now }) {
  const last = rows.findLast((row) => row.question === question);
  const fresh = { key, question, base, values, made_at: now };
  if (!last) return [...rows, fresh];
  if (last.conflict) return rows.map((row) => (row === last ? { ...row, values } : row));
  if (last.refused) return rows.map((row) => (row === last ? { ...fresh, base: row.base ?? base } : row));
  if (last.tried) return [...rows, { ...fresh, base: null }];
  return rows.map((row) => (row === last ? { ...row, values, made_at: now } : row));
}

/** What can be sent now: of each question the first, unless somebody has to look at it. */
export function sendable(rows, most) {
  const seen = new Set();
  const first = rows.filter((row) => !seen.has(row.question) && seen.add(row.question));
  return first.filter((row) => !row.conflict && !row.refused).slice(0, most);
}

/** The same rows, of which these are on their way: from now on they are not written over. */
export function tried(rows, keys) {
  return rows.map((row) => (keys.includes(row.key) ? { ...row, tried: true } : row));
}

/** What is left after the server said what came of some. */
export function settled(rows, outcomes) {
  return outcomes.reduce(settledOne, rows);
}

function settledOne(rows, outcome) {
  const row = rows.find((one) => one.key === outcome.key);
  if (!row) return rows;
  const others = (keep) => rows.filter((one) => one !== row && keep(one));
  if (outcome.state === "taken") {
    return others(() => true).map((one) => (one.question === row.question && one.base === null ? { ...one, base: outcome.version } : one));
  }
  const values = rows.findLast((one) => one.question === row.question).values;
  const stopped = outcome.state === "conflict" ? { conflict: outcome } : { refused: outcome.text };
  return [...others((one) => one.question !== row.question), { ...row, values, base: row.base ?? outcome.version ?? 0, ...stopped }];
}

/** Mine in place of what somebody else answered: a new change upon theirs. */
export function insisted(rows, question, key) {
  return rows.map((row) => {
    if (row.question !== question || !row.conflict) return row;
    const { conflict, tried: _tried, ...rest } = row;
    return { ...rest, key, base: conflict.version };
  });
}

/** Nothing of this question any more. */
export function dropped(rows, question) {
  return rows.filter((row) => row.question !== question);
}
