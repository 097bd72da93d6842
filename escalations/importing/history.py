"""From the rows of one case to what happened to it. Pure: no database, no clock."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from escalations.choices import OPEN_STATES, WAITING_STATES, State
from portal.imports.errors import RowError
from portal.imports.mapping import Mapping
from portal.imports.reading import Row
from portal.imports.values import ColumnError, instant, value_of

_OPEN: Final = frozenset(str(s) for s in OPEN_STATES)
_WAITING: Final = frozenset(str(s) for s in WAITING_STATES)
# Told by the timeline in words of its own, or true of the case as a whole: never listed as a change.
_NOT_A_CHANGE: Final = frozenset({"opened_at", "resolved_at", "closed_at", "subject", "description", "customer_ref"})
SHORT: Final = 120


@dataclass(frozen=True, slots=True)
class Reading:
    """One row, with its values converted."""

    line: int
    at: datetime
    order: tuple[Any, ...]
    by: str
    values: dict[str, Any]
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Happening:
    """One timeline entry to be."""

    at: datetime
    code: str
    params: dict[str, Any]
    source_key: str


@dataclass(frozen=True, slots=True)
class Cycle:
    """One turn of the case from open to resolved; `ended_at` None while it lasts. Pauses are UTC instants."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    pauses: tuple[tuple[datetime, datetime | None, str], ...]


@dataclass
class History:
    """Everything the source says of one case, up to the cut-off."""

    key: str
    opened_at: datetime
    state: str
    resolved_at: datetime | None
    closed_at: datetime | None
    updated_at: datetime
    first_response_at: datetime | None
    values: dict[str, Any]
    facts: dict[str, Any]
    happenings: list[Happening]
    cycles: list[Cycle]
    digest: str = field(default="")


def read(mapping: Mapping, line: int, values: dict[str, str]) -> Reading:
    """Convert one row. Raises ColumnError with the column that is wrong."""
    converted = {name: _field(mapping, name, values) for name in mapping.fields}
    facts = {name: value_of(mapping, spec, values) for name, spec in mapping.facts.items()}
    if mapping.extra["kind"] == "cases":
        return Reading(line, converted["opened_at"], (), "", converted, facts)
    event = mapping.extra["event"]
    at = _event_time(mapping, event["at"], values)
    return Reading(
        line, at, _order(event["order"], at, event["at"], values), values.get(event["by"], ""), converted, facts
    )


def _field(mapping: Mapping, name: str, values: dict[str, str]) -> Any:
    spec = mapping.fields[name]
    if name == "issue_type":
        return tuple(t for c in spec.columns if (t := values[c].strip()) not in mapping.missing) or None
    return value_of(mapping, spec, values)


def _event_time(mapping: Mapping, column: str, values: dict[str, str]) -> datetime:
    try:
        return instant(mapping, values[column].strip())
    except ValueError as error:
        raise ColumnError(column, str(error)) from error


def _order(columns: list[str], at: datetime, at_column: str, values: dict[str, str]) -> tuple[Any, ...]:
    return tuple(at if c == at_column else (int(v) if (v := values[c]).isdigit() else 0) for c in columns)


def build(
    mapping: Mapping, key: str, readings: list[Reading], cut_off: datetime | None = None
) -> History | RowError | None:
    """The case's history from its rows in file order.

    With a cut-off, later rows are left out, and so is whatever the source wrote back from them; None when the case
    did not exist yet. A case that contradicts itself comes back as the error to report.
    """
    kept = [r for r in readings if cut_off is None or r.at <= cut_off]
    if not kept or (cut_off and kept[0].values["opened_at"] and kept[0].values["opened_at"] > cut_off):
        return None
    last = kept[-1]  # the source's last word is the last row in file order
    ordered = sorted(kept, key=lambda r: (*(r.order or (r.at,)), r.line))
    opened_at = last.values["opened_at"]
    if opened_at is None:
        return RowError(last.line, mapping.fields["opened_at"].columns[0], "is missing")
    values = {name: None if _future(mapping, name, v, cut_off) else v for name, v in last.values.items()}
    states = _states(ordered, opened_at)
    if mapping.extra["kind"] == "cases":
        states = _plain_states(values, opened_at)
    return _history(mapping, key, ordered, values, last, states, opened_at)


def _future(mapping: Mapping, name: str, value: Any, cut_off: datetime | None) -> bool:
    written_back = mapping.fields[name].written_back
    return bool(cut_off and written_back and isinstance(value, datetime) and value > cut_off)


def _history(
    mapping: Mapping,
    key: str,
    ordered: list[Reading],
    values: dict[str, Any],
    last: Reading,
    states: list[tuple[datetime, str]],
    opened_at: datetime,
) -> History:
    state = states[-1][1]
    resolved_at = _resolved_at(values, states, state)
    cycles = _cycles(states, opened_at, resolved_at)
    for name in ("reopen_count", "reassign_count"):
        values[name] = max((r.values.get(name) or 0 for r in ordered), default=0)
    return History(
        key=key,
        opened_at=opened_at,
        state=state,
        resolved_at=resolved_at,
        closed_at=_closed_at(values, states, state),
        updated_at=max(ordered[-1].at, opened_at),
        first_response_at=_first_response(mapping, ordered, resolved_at),
        values=values,
        facts={**last.facts, **_written_back(mapping, values)},
        happenings=_happenings(mapping, ordered, opened_at),
        cycles=cycles,
    )


def _states(ordered: list[Reading], opened_at: datetime) -> list[tuple[datetime, str]]:
    """Every change of state; a row without a usable state keeps the one before."""
    trail = [(opened_at, str(State.NEW))]
    for reading in ordered:
        state = reading.values["state"]
        if state and state != trail[-1][1]:
            trail.append((max(reading.at, opened_at), state))
    return trail


def _plain_states(values: dict[str, Any], opened_at: datetime) -> list[tuple[datetime, str]]:
    trail = [(opened_at, str(State.NEW))]
    state = values["state"] or str(State.NEW)
    if state != trail[0][1]:
        trail.append((values.get("closed_at") or values.get("resolved_at") or opened_at, state))
    return trail


def _resolved_at(values: dict[str, Any], states: list[tuple[datetime, str]], state: str) -> datetime | None:
    if state in _OPEN:
        return None
    entered = next(at for at, s in reversed(_entries(states)) if s not in _OPEN)
    said: datetime | None = values.get("resolved_at")
    return said if said and said >= states[0][0] else entered


def _entries(states: list[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    """The changes that cross between open and not open, the first state included."""
    crossed = states[:1]
    for at, state in states[1:]:
        if (state in _OPEN) != (crossed[-1][1] in _OPEN):
            crossed.append((at, state))
    return crossed


def _closed_at(values: dict[str, Any], states: list[tuple[datetime, str]], state: str) -> datetime | None:
    if state != State.CLOSED:
        return None
    return values.get("closed_at") or states[-1][0]


def _cycles(states: list[tuple[datetime, str]], opened_at: datetime, resolved_at: datetime | None) -> list[Cycle]:
    crossings = _entries(states)
    starts = [at for at, s in crossings if s in _OPEN]
    ends: list[datetime | None] = [at for at, s in crossings if s not in _OPEN]
    if len(ends) == len(starts) and resolved_at and resolved_at >= starts[-1]:
        ends[-1] = resolved_at
    ends += [None] * (len(starts) - len(ends))
    starts[0] = opened_at
    return [
        Cycle(number, start, end, _pauses(states, start, end))
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1)
    ]


def _pauses(
    states: list[tuple[datetime, str]], start: datetime, end: datetime | None
) -> tuple[tuple[datetime, datetime | None, str], ...]:
    found: list[tuple[datetime, datetime | None, str]] = []
    for (at, state), after in zip(states, [*(at for at, _ in states[1:]), None], strict=True):
        if state not in _WAITING:
            continue
        begin = max(at, start)
        until = after if end is None else min(after or end, end)
        if (end is None or begin < end) and (until is None or until > begin):
            found.append((begin, until, state))
    return tuple(found)


def _first_response(mapping: Mapping, ordered: list[Reading], resolved_at: datetime | None) -> datetime | None:
    wanted = set(mapping.extra["first_response_states"])
    touched = next((r.at for r in ordered if r.values["state"] in wanted), None)
    instants = [at for at in (touched, resolved_at) if at]
    return min(instants) if instants else None


def _written_back(mapping: Mapping, values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value := values[name], datetime) else value
        for name, spec in mapping.fields.items()
        if spec.written_back
    }


def _happenings(mapping: Mapping, ordered: list[Reading], opened_at: datetime) -> list[Happening]:
    opened = Happening(opened_at, "import.opened", {"source": mapping.source}, "opened")
    if mapping.extra["kind"] == "cases":
        return [opened]
    happenings = [opened]
    lasting = [name for name, spec in mapping.fields.items() if not spec.written_back]
    seen: Counter[str] = Counter()
    before: Reading | None = None
    for reading in ordered:
        params = {"by": reading.by[:SHORT], "changes": _changes(before, reading)}
        key = _source_key(reading, lasting)
        seen[key] += 1
        happenings.append(Happening(reading.at, "import.event", params, f"{key}-{seen[key]}"))
        before = reading
    return happenings


def _changes(before: Reading | None, now: Reading) -> list[list[Any]]:
    """What is different from the row before, as [name, from, to]."""
    then = {**before.values, **before.facts} if before else {}
    current = {**now.values, **now.facts}
    return [
        [name, _plain(then.get(name)), _plain(value)]
        for name, value in current.items()
        if name not in _NOT_A_CHANGE and value is not None and value != then.get(name)
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return " · ".join(value)[:SHORT]
    return value[:SHORT] if isinstance(value, str) else value


def _source_key(reading: Reading, lasting: list[str]) -> str:
    """The same event has the same key in every file that carries it, whatever was written back onto it since."""
    plain = repr((reading.at, reading.order, reading.by, [(name, reading.values[name]) for name in lasting]))
    return hashlib.sha256(plain.encode()).hexdigest()[:40]


def digest_of(mapping: Mapping, rows: list[Row]) -> str:
    """A hash of what the source says of one case, and of how it is read; equal: nothing to do."""
    plain = repr((mapping.fields, mapping.facts, mapping.extra, [row.values for row in rows]))
    return hashlib.sha256(plain.encode()).hexdigest()
