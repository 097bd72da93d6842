"""Figures: sums put through the formula in force. Every page, export, alert and result reads them here."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.utils import timezone

from ..models import Component, Kpi, KpiVersion
from ..rules.formulas import Reading, evaluate_parts
from ..rules.periods import containing
from .book import Book, book_of
from .definitions import Stretch, components_of, in_force, pinned, stretches
from .sums import Ask, Key, Row, Scope, answered

THEN, NOW = "then", "now"

# Groupings of time that have an end, by the names that periods have too.
GRAINS: Final = frozenset({"day", "week", "month", "quarter"})

type Figures = dict[Key, dict[str, Reading]]
type Span = tuple[date, date]
type Reader = Callable[..., dict[Key, Row]]


def figures(
    scope: Scope,
    kpis: Iterable[Kpi],
    first: date,
    last: date,
    by: Sequence[str] = (),
    *,
    formula: str | int = THEN,
    excluded: bool = False,
    pins: Mapping[int, KpiVersion] | None = None,
    reader: Reader | None = None,
    book: Book | None = None,
) -> Figures:
    """Each KPI's reading per group. A group without any facts is missing, and so is a KPI without formula in force; a KPI of which a group
    has no facts is missing or reads "no_data".

    `formula`: "then" (in force on each day; a period over two versions adds their parts), "now" (today's for all days) or a version's number.
    `pins`: a version per KPI id that overrides it, as contracts may. `by` and `excluded` as in `sums`. `reader`: what reads sums, if not
    those that stand ("what would be"). `book`: where their formulas stand, if they were read before.
    """
    chosen = list(kpis)
    together = Together(book or book_of(chosen), reader)
    return together.figures(scope, chosen, first, last, by, formula=formula, excluded=excluded, pins=pins)()


@dataclass
class Together:
    """Questions that are answered together, one query per table. What is asked is a function; calling the first reads all asked so far."""

    book: Book
    reader: Reader | None = None
    _asks: list[Ask] = field(default_factory=list)
    _rows: list[dict[Key, Row]] = field(default_factory=list)

    def sums(
        self, scope: Scope, first: date, last: date, by: Sequence[str], components: Iterable[str], *, excluded: bool = False
    ) -> Callable[[], dict[Key, Row]]:  # fmt: skip
        """As `sums`."""
        place = len(self._asks)
        self._asks.append(Ask(scope, first, last, tuple(by), frozenset(components), excluded))
        return lambda: self._answer(place)

    def figures(
        self, scope: Scope, kpis: Iterable[Kpi], first: date, last: date, by: Sequence[str] = (), *,
        formula: str | int = THEN, excluded: bool = False, pins: Mapping[int, KpiVersion] | None = None, bounds: bool = True,
    ) -> Callable[[], Figures]:  # fmt: skip
        """As `figures`, of KPIs in the book. `bounds`: with their intervals, where they have any."""
        plans = {
            kpi.code: _plan(self.book.versions.get(kpi.pk, []), first, last, formula, (pins or {}).get(kpi.pk))
            for kpi in kpis
        }
        reads = {
            span: self.sums(scope, *span, by, components_of(parts), excluded=excluded)
            for span, parts in _ranges(plans).items()
        }
        return lambda: _evaluated(plans, {span: read() for span, read in reads.items()}, by, bounds)

    def _answer(self, place: int) -> dict[Key, Row]:
        if place >= len(self._rows):
            waiting = self._asks[len(self._rows) :]
            self._rows += [_by(self.reader, ask) for ask in waiting] if self.reader else answered(waiting, self._own)
        return self._rows[place]

    def _own(self) -> Mapping[str, Component]:
        return self.book.own


def _by(reader: Reader, ask: Ask) -> dict[Key, Row]:
    return reader(ask.scope, ask.first, ask.last, ask.by, ask.components, excluded=ask.excluded)


def _evaluated(
    plans: Mapping[str, list[Stretch]], read: Mapping[Span, dict[Key, Row]], by: Sequence[str], bounds: bool
) -> Figures:
    found: Figures = defaultdict(dict)
    for code, plan in plans.items():
        if len(plan) == 1:
            one = plan[0]
            for key, row in read[one.first, one.last].items():
                found[key][code] = evaluate_parts([(one.formula, row)], bounds=bounds)
            continue
        for key in {key for span in _spans(plan) for key in read[span]}:
            parts = [(stretch.formula, read[span].get(key, {})) for stretch, span in _parts(plan, by, key)]
            found[key][code] = evaluate_parts(parts, bounds=bounds)
    return dict(found)


def _plan(
    versions: Sequence[KpiVersion], first: date, last: date, formula: str | int, pin: KpiVersion | None
) -> list[Stretch]:
    if pin is not None:
        return pinned(pin, first, last)
    if formula == THEN:
        return stretches(versions, first, last)
    if formula == NOW:
        current = in_force(versions, timezone.now().date()) or (versions[-1] if versions else None)
    else:
        current = next((one for one in versions if one.number == formula), None)
    return pinned(current, first, last) if current else []


def _spans(plan: Sequence[Stretch]) -> list[Span]:
    """What is read for a plan: each formula's days; of a stock all days at once, since a site's last figure may be older than a formula."""
    if plan and plan[-1].formula.stock:
        return [(plan[0].first, plan[-1].last)]
    return [(stretch.first, stretch.last) for stretch in plan]


def _parts(plan: Sequence[Stretch], by: Sequence[str], key: Key) -> list[tuple[Stretch, Span]]:
    """The formulas of a group with the days they are read over; a stock has the one in force at the group's end."""
    spans = _spans(plan)
    if len(spans) == len(plan):
        return list(zip(plan, spans, strict=True))
    ends = [containing(one, first).last for one, first in zip(by, key, strict=True) if one in GRAINS]
    begun = [stretch for stretch in plan if all(stretch.first <= end for end in ends)]
    return [(begun[-1], spans[0])]


def _ranges(plans: Mapping[str, list[Stretch]]) -> dict[Span, list[Stretch]]:
    """One read of sums per range of days in which the same formulas hold: one, unless a formula changed within the period."""
    ranges: dict[Span, list[Stretch]] = defaultdict(list)
    for plan in plans.values():
        for span in _spans(plan):
            ranges[span] += [stretch for stretch in plan if span[0] <= stretch.first and stretch.last <= span[1]]
    return ranges
