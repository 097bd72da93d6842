"""Figures: sums put through the formula in force. Every page, export, alert and result reads them here."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from ..models import Component, Kpi, KpiVersion
from ..rules.formulas import Reading, evaluate_parts, evaluate_rows
from ..rules.periods import containing
from .book import Book, book_of
from .definitions import Stretch, components_of, in_force, pinned, stretches
from .sums import Answer, Ask, Key, Row, Scope, Span, answered
from .windows import GRAINS, Roll, closes, groups_of, rolls_of, time_of

THEN, NOW = "then", "now"

type Figures = dict[Key, dict[str, Reading]]
type Reader = Callable[[Ask], Answer]


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
    has no facts is missing or reads "no_data". A KPI with a window is read over the months that end with the period's (or group's) end, by
    the formula in force on that day.

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
    _answers: list[Answer] = field(default_factory=list)

    def sums(
        self, scope: Scope, first: date, last: date, by: Sequence[str], components: Iterable[str], *, excluded: bool = False
    ) -> Callable[[], dict[Key, Row]]:  # fmt: skip
        """As `sums`."""
        answer = self._asked(Ask(scope, first, last, tuple(by), frozenset(components), excluded))
        return lambda: answer().rows

    def figures(
        self, scope: Scope, kpis: Iterable[Kpi], first: date, last: date, by: Sequence[str] = (), *,
        formula: str | int = THEN, excluded: bool = False, pins: Mapping[int, KpiVersion] | None = None, bounds: bool = True,
        fallen_silent: bool = False,
    ) -> Callable[[], Figures]:  # fmt: skip
        """As `figures`, of KPIs in the book. `bounds`: with their intervals, where they have any. `fallen_silent`: of a KPI with a window
        also the places that were measured in the window alone, so that all places make up the whole."""
        plans = {kpi.code: _plan(self.book, kpi, (first, last), formula, (pins or {}).get(kpi.pk)) for kpi in kpis}
        groups, rolls = _rolling(plans, by, first, last, fallen_silent)
        decided = {code: {time for roll in those for time in roll.groups} for code, those in rolls.items()}
        plain = {code: plan for code, plan in plans.items() if len(decided.get(code, ())) < len(groups) or not groups}
        reads = {
            span: self.sums(scope, *span, by, components_of(parts), excluded=excluded)
            for span, parts in _ranges(plain).items()
        }
        wide = [
            (code, roll, self._asked(roll.ask(scope, by, excluded))) for code, those in rolls.items() for roll in those
        ]

        def read() -> Figures:
            found = _evaluated(plain, {span: one() for span, one in reads.items()}, by, bounds, decided)
            for code, roll, answer in wide:
                for key, reading in roll.readings(answer(), by, bounds).items():
                    found[key][code] = reading
            return _settled(dict(found), plans, by, groups)

        return read

    def _asked(self, ask: Ask) -> Callable[[], Answer]:
        place = len(self._asks)
        self._asks.append(ask)
        return lambda: self._answer(place)

    def _answer(self, place: int) -> Answer:
        if place >= len(self._answers):
            waiting = self._asks[len(self._answers) :]
            self._answers += [self.reader(ask) for ask in waiting] if self.reader else answered(waiting, self._own)
        return self._answers[place]

    def _own(self) -> Mapping[str, Component]:
        return self.book.own


def _rolling(
    plans: Mapping[str, list[Stretch]], by: Sequence[str], first: date, last: date, fallen_silent: bool
) -> tuple[dict[Key, Span], dict[str, list[Roll]]]:
    """The groups of time, and per KPI the formulas with a window that decide some of them; both empty where no formula asks for it."""
    if not any(one.formula.window or one.formula.settling for plan in plans.values() for one in plan):
        return {}, {}
    groups = groups_of(by, first, last)
    return groups, {
        code: rolls for code, plan in plans.items() if (rolls := rolls_of(plan, groups, fallen_silent=fallen_silent))
    }


def _evaluated(
    plans: Mapping[str, list[Stretch]], read: Mapping[Span, dict[Key, Row]], by: Sequence[str], bounds: bool,
    decided: Mapping[str, Collection[Key]],
) -> Figures:  # fmt: skip
    """The figures of their own days; `decided`: groups of time whose figure is another one's, per KPI."""
    found: Figures = defaultdict(dict)
    for code, plan in plans.items():
        others = decided.get(code, ())
        if len(plan) == 1 and not others:
            one = plan[0]
            for key, reading in evaluate_rows(one.formula, read[one.first, one.last], bounds=bounds).items():
                found[key][code] = reading
            continue
        for key in {key for span in _spans(plan) for key in read[span]}:
            if others and time_of(by, key) in others:
                continue
            parts = [(stretch.formula, read[span].get(key, {})) for stretch, span in _parts(plan, by, key)]
            found[key][code] = evaluate_parts(parts, bounds=bounds)
    return found


def _settled(
    found: Figures, plans: Mapping[str, list[Stretch]], by: Sequence[str], groups: Mapping[Key, Span]
) -> Figures:
    """With the day after which a figure changes no more, where its formula says so."""
    late = {code: plan for code, plan in plans.items() if any(one.formula.settling for one in plan)}
    for code, plan in late.items():
        until = {time: closes(plan, group) for time, group in groups.items()}
        for key, row in found.items():
            if code in row:
                row[code] = row[code]._replace(closes=until.get(time_of(by, key)))
    return found


def _plan(book: Book, kpi: Kpi, days: Span, formula: str | int, pin: KpiVersion | None) -> list[Stretch]:
    versions = book.versions.get(kpi.pk, [])
    if pin is not None:
        return pinned(pin, *days, book.formula_of)
    if formula == THEN:
        return stretches(versions, *days, book.formula_of)
    if formula == NOW:
        current = in_force(versions, timezone.now().date()) or (versions[-1] if versions else None)
    else:
        current = next((one for one in versions if one.number == formula), None)
    return pinned(current, *days, book.formula_of) if current else []


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
