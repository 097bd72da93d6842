"""Formulas with a window: whatever period is shown, the figure is that of the months that end with the period's end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from ..rules.formulas import ZERO, Reading, evaluate_parts
from ..rules.periods import containing
from ..rules.windows import first_of
from .definitions import Stretch
from .sums import Answer, Ask, Key, Row, Scope, Span

# Groupings of time that have an end, by the names that periods have too.
GRAINS: Final = frozenset({"day", "week", "month", "quarter"})
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Roll:
    """A formula with a window, and the groups of time that it decides, each with its own days; one group without a key, where time is not grouped.

    `fallen_silent`: also of places where nothing was measured in the group itself, but before it in the window, if other places were.
    """

    stretch: Stretch
    groups: Mapping[Key, Span]
    fallen_silent: bool = False

    @property
    def months(self) -> int:
        """How far it reaches back."""
        return self.stretch.formula.window

    def ask(self, scope: Scope, by: Sequence[str], excluded: bool) -> Ask:
        """What is to be read: all windows in one, cut where any of them begins or ends."""
        formula, lasts = self.stretch.formula, [last for _first, last in self.groups.values()]
        firsts = [first_of(last, self.months) for last in lasts]
        dated = frozenset(formula.denominator or formula.numerator)
        first, last = min(firsts), max(lasts)
        cuts: tuple[date, ...] = ()
        if GRAINS & {*by}:
            by, cuts = (*_places(by), "cut"), tuple(sorted({*firsts, *(one + _DAY for one in lasts if one < last)}))
        return Ask(scope, first, last, tuple(by), formula.components, excluded, cuts, dated)

    def readings(self, answer: Answer, by: Sequence[str], bounds: bool) -> dict[Key, Reading]:
        """The figure of each place at the end of each group, in the order of `by`; missing where nothing was measured in the group itself, unless
        those are asked for too."""
        if not GRAINS & {*by}:
            return self._of_group({key: (row, answer.days.get(key)) for key, row in answer.rows.items()}, (), bounds)
        made: dict[Key, Reading] = {}
        places = _running(answer)
        for time, group in self.groups.items():
            first = first_of(group[1], self.months)
            parts = {_put_together(by, place, time): one.between(first, group[1]) for place, one in places.items()}
            made |= self._of_group(parts, time, bounds)
        return made

    def _of_group(self, parts: Mapping[Key, tuple[Row, Span | None]], time: Key, bounds: bool) -> dict[Key, Reading]:
        group = self.groups[time]
        dated = [(key, row, days) for key, (row, days) in parts.items() if days is not None]
        measured = [one for one in dated if one[2][1] >= group[0]]
        chosen = dated if measured and self.fallen_silent else measured
        return {key: self._reading(row, days, group, bounds) for key, row, days in chosen}

    def _reading(self, row: Row, days: Span, group: Span, bounds: bool) -> Reading:
        reading = evaluate_parts([(self.stretch.formula, row)], bounds=bounds)
        short = (days[1] - days[0]).days + 1 if days[0] > first_of(group[1], self.months) else None
        return reading._replace(window=self.months, days=short)


def groups_of(by: Sequence[str], first: date, last: date) -> dict[Key, Span]:
    """The groups of time from `first` to `last` with the days that each has there; () alone where time is not grouped."""
    grains = [one for one in by if one in GRAINS]
    if not grains:
        return {(): (first, last)}
    found: dict[Key, Span] = {}
    day = first
    while day <= last:
        periods = [containing(grain, day) for grain in grains]
        end = min(last, *(one.last for one in periods))
        found[tuple(one.first for one in periods)] = day, end
        day = end + _DAY
    return found


def rolls_of(plan: Sequence[Stretch], groups: Mapping[Key, Span], *, fallen_silent: bool = False) -> list[Roll]:
    """The formulas with a window that decide some of these groups: those in force on the group's last day with a formula. `fallen_silent`:
    as in `Roll`."""
    decided: dict[int, dict[Key, Span]] = {}
    for key, (first, last) in groups.items():
        at = next((at for at in reversed(range(len(plan))) if plan[at].first <= last and plan[at].last >= first), None)
        if at is not None and plan[at].formula.window:
            decided.setdefault(at, {})[key] = first, last
    return [Roll(plan[at], those, fallen_silent) for at, those in decided.items()]


def time_of(by: Sequence[str], key: Key) -> Key:
    """The parts of a group's key that name a time with an end."""
    return tuple([value for one, value in zip(by, key, strict=True) if one in GRAINS])


def _places(by: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in by if one not in GRAINS)


def _put_together(by: Sequence[str], place: Key, time: Key) -> Key:
    places, times = iter(place), iter(time)
    return tuple([next(times if one in GRAINS else places) for one in by])


@dataclass(slots=True)
class _Running:
    """What lies between the cuts, of one place, added up from the first on: any window is the difference of two of these."""

    starts: list[date] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    days: list[Span | None] = field(default_factory=list)
    _sums: dict[str, list[tuple[Decimal, int]]] = field(default_factory=dict)

    def add(self, start: date, row: Row, days: Span | None) -> None:
        """The next piece."""
        self.starts.append(start)
        self.rows.append(row)
        self.days.append(days)

    def between(self, first: date, last: date) -> tuple[Row, Span | None]:
        """The sums of the pieces that begin in these days, and from when to when they are dated."""
        at = [place for place, start in enumerate(self.starts) if first <= start <= last]
        if not at:
            return {}, None
        row = {code: self._sum(code, at[0], at[-1] + 1) for code in {code for one in self.rows for code in one}}
        known = [days for days in self.days[at[0] : at[-1] + 1] if days is not None]
        return row, (known[0][0], known[-1][1]) if known else None

    def _sum(self, code: str, begin: int, end: int) -> Decimal | None:
        """None where nobody measured it."""
        if code not in self._sums:
            running = [(ZERO, 0)]
            for row in self.rows:
                value = row.get(code)
                held, known = running[-1]
                running.append((held, known) if value is None else (held + value, known + 1))
            self._sums[code] = running
        (before, fewer), (after, more) = self._sums[code][begin], self._sums[code][end]
        return after - before if more > fewer else None


def _running(answer: Answer) -> dict[Key, _Running]:
    """The pieces of each place in the order of time; the last part of their keys is where they begin."""
    found: dict[Key, _Running] = {}
    for key in sorted(answer.rows, key=lambda key: key[-1]):
        found.setdefault(key[:-1], _Running()).add(key[-1], answer.rows[key], answer.days.get(key))
    return found


def closes(plan: Sequence[Stretch], group: Span) -> date | None:
    """The last day on which a group's figure may still change by its formulas; None where none of them settles later."""
    found: list[Any] = [
        min(one.last, group[1]) + timedelta(days=one.formula.settling)
        for one in plan
        if one.formula.settling and one.first <= group[1] and one.last >= group[0]
    ]
    return max(found, default=None)
