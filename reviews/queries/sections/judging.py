"""What each site's KPIs came to in a period, as its scorecard shows it: figures, verdicts, scores, the period before, signals.

Everything is read from `kpis`; nothing is computed a second way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpis.queries import Card, cards, carried_scores, judged_on, tally
from kpis.queries.signals import rebased_at, smallest_samples
from kpis.rules.control import Control
from kpis.rules.formulas import Reading
from kpis.rules.periods import Period
from kpis.rules.scoring import LineScore, Total
from kpis.rules.signals import limits_of

from .reading import NOTHING, Read, read_all

if TYPE_CHECKING:
    from partners.models import Site


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
    """Each site in a period, by the contract in force then. A constant number of queries, whatever their number."""
    ids = [site.pk for site in sites]
    judged = cards(ids, judged_on(period))
    read = read_all(ids, judged, period)
    carried = carried_scores(judged, judged_on(period))
    changed = rebased_at(ids, read.weeks)
    return {site.pk: _judged(site, judged.get(site.pk), read, carried.get(site.pk), changed[site.pk]) for site in sites}


def _judged(
    site: "Site", card: Card | None, read: Read, carried: Mapping[str, Decimal] | None, changed: Mapping[int | None, set[int]]
) -> Judged:  # fmt: skip
    found = read.of(site.pk)
    total = tally(card, found.now, carried) if card else None
    scores = {one.terms.kpi: one for one in total.lines} if total else {}
    fewest = smallest_samples(found.kpis, card, read.weeks[-1].last, read.versions)
    lines = []
    for kpi in found.kpis:
        reading, weeks = found.now.get(kpi.code, NOTHING), found.weeks[kpi.code]
        if card is None and reading.value is None and all(one.value is None for one in weeks):
            continue
        since = changed.get(kpi.pk, set()) | changed.get(None, set())
        control = limits_of(weeks, kpi.unit, fewest[kpi.pk], since)
        lines.append(
            KpiLine(kpi, reading, found.before.get(kpi.code, NOTHING), scores.get(kpi.code), weeks, control,
                    _signals_in(control, read.weeks, read.period))
        )  # fmt: skip
    return Judged(site, read.period, card, total, tuple(lines), read.weeks, *_days(found.days, read.period))


def _signals_in(control: Control, weeks: Sequence[Period], period: Period) -> tuple[str, ...]:
    """The kinds of signals that weeks ending in the period complete, each once."""
    kinds = [one.kind for one in control.signals if period.first <= weeks[one.at].last <= period.last]
    return tuple(dict.fromkeys(kinds))


def _days(there: Sequence[date], period: Period) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """The days of the period with figures; and those without, on weekdays on which the site had some in the four weeks before.

    A site that never had any is expected to have figures on every day.
    """
    usual = {day.weekday() for day in there if day < period.first} or set(range(7))
    days = [period.first + timedelta(days=step) for step in range(period.days)]
    known = set(there)
    absent = [day for day in days if day not in known and day.weekday() in usual]
    return tuple(day for day in there if day >= period.first), tuple(absent)
