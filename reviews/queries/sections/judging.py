"""What each site's KPIs came to in a period, as its scorecard shows it: figures, verdicts, scores, the period before, signals.

Everything is read from `kpis`; nothing is computed a second way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from kpis.queries import Card, cards, carried_scores, figures, judged_on, kpis_in_use, readings, tally
from kpis.queries import Scope as Places
from kpis.queries.signals import rebased, smallest_samples, weekly
from kpis.rules.control import Control, control_of
from kpis.rules.formulas import Reading
from kpis.rules.periods import Period, last_complete_week, run_up
from kpis.rules.scoring import LineScore, Total
from kpis.rules.signals import value_of

if TYPE_CHECKING:
    from partners.models import Site

# As many weeks as control charts have on other pages.
WEEKS: Final = 26
# Days before a period that tell on which weekdays a site has figures at all.
HABIT: Final = 28
NOTHING: Final = Reading(why="no_data")


@dataclass(frozen=True, slots=True)
class KpiLine:
    """A KPI at a site: its reading, the one before, what the contract says of it (None without one), its weeks, and its signals."""

    kpi: Any
    reading: Reading
    before: Reading
    score: LineScore | None
    weeks: Sequence[Reading]
    control: Control
    signals: tuple[str, ...]

    @property
    def rag(self) -> str:
        """g, a, r or n; "" without a contract."""
        return self.score.verdict.rag if self.score else ""

    @property
    def change(self) -> Decimal | None:
        """The difference to the period before."""
        if self.reading.value is None or self.before.value is None:
            return None
        return self.reading.value - self.before.value


@dataclass(frozen=True, slots=True)
class Judged:
    """A site's lines, under a contract (`card`, `total`) or without one; on which days it has figures, and on which they are missing."""

    site: "Site"
    period: Period
    card: Card | None
    total: Total | None
    lines: tuple[KpiLine, ...]
    weeks: tuple[Period, ...]
    days: tuple[date, ...]
    absent: tuple[date, ...]


def judge(sites: Sequence["Site"], period: Period) -> dict[int, Judged]:
    """Each site in a period, by the contract in force then."""
    ids = [site.pk for site in sites]
    judged = cards(ids, judged_on(period))
    now, before = readings(judged, period), readings(judged, period.previous())
    carried = carried_scores(judged, judged_on(period))
    found = {}
    for site in sites:
        card = judged.get(site.pk)
        if card:
            total = tally(card, now.get(site.pk, {}), carried.get(site.pk))
            read = (now.get(site.pk, {}), before.get(site.pk, {}))
        else:
            total = None
            read = (_without_contract(site, period), _without_contract(site, period.previous()))
        found[site.pk] = _judged(site, period, card, total, *read)
    return found


def kpis_of(card: Card | None) -> list[Any]:
    """The KPIs of a contract; without one all that are in use."""
    return card.kpis if card else kpis_in_use()


def _without_contract(site: "Site", period: Period) -> dict[str, Reading]:
    return figures(_place(site), kpis_in_use(), period.first, period.last).get((), {})


def _judged(
    site: "Site", period: Period, card: Card | None, total: Total | None, now: Mapping[str, Reading], before: Mapping[str, Reading]
) -> Judged:  # fmt: skip
    weeks = run_up(last_complete_week(period.last), WEEKS)
    kpis = kpis_of(card)
    pins = card.pins if card else {}
    read = weekly(site.pk, kpis, weeks, pins)
    fewest, changed = smallest_samples(kpis, card, weeks[-1].last), rebased(site.pk, weeks)
    scores = {one.terms.kpi: one for one in total.lines} if total else {}
    lines = []
    for kpi in kpis:
        reading = now.get(kpi.code, NOTHING)
        if card is None and reading.value is None and all(one.value is None for one in read[kpi.code]):
            continue
        control = control_of(
            [value_of(one, fewest[kpi.pk]) for one in read[kpi.code]], kpi.unit, changed.get(kpi.pk, set()) | changed.get(None, set())
        )  # fmt: skip
        lines.append(
            KpiLine(kpi, reading, before.get(kpi.code, NOTHING), scores.get(kpi.code), read[kpi.code], control,
                    _signals_in(control, weeks, period))
        )  # fmt: skip
    return Judged(site, period, card, total, tuple(lines), tuple(weeks), *_days(site, kpis, period, pins))


def _signals_in(control: Control, weeks: Sequence[Period], period: Period) -> tuple[str, ...]:
    """The kinds of signals that weeks ending in the period complete, each once."""
    kinds = [one.kind for one in control.signals if period.first <= weeks[one.at].last <= period.last]
    return tuple(dict.fromkeys(kinds))


def _days(
    site: "Site", kpis: Sequence[Any], period: Period, pins: Mapping[int, Any]
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The days of the period with figures; and those without, on weekdays on which the site had some in the four weeks before.

    A site that never had any is expected to have figures on every day.
    """
    since = period.first - timedelta(days=HABIT)
    read = figures(_place(site), kpis, since, period.last, ("day",), pins=pins)
    there = sorted(key[0] for key, row in read.items() if any(one.value is not None for one in row.values()))
    usual = {day.weekday() for day in there if day < period.first} or set(range(7))
    days = [period.first + timedelta(days=step) for step in range(period.days)]
    known = set(there)
    absent = [day for day in days if day not in known and day.weekday() in usual]
    return tuple(day for day in there if day >= period.first), tuple(absent)


def _place(site: "Site") -> Places:
    return Places(frozenset({site.pk}))
