"""The figures of several sites that their packs are judged by, read together: the period, the one before, the weeks, and the days."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from kpis.queries import Card, kpis_in_use
from kpis.queries.book import book_of
from kpis.queries.figures import Figures, Together
from kpis.queries.sums import Scope
from kpis.rules.formulas import Reading
from kpis.rules.periods import Period, last_complete_week, run_up

# As many weeks as control charts have on other pages.
WEEKS: Final = 26
# Days before a period that tell on which weekdays a site has figures at all.
HABIT: Final = 28
NOTHING: Final = Reading(why="no_data")


@dataclass(frozen=True, slots=True)
class OfSite:
    """A site's KPIs, their readings in the period and the one before, week by week, and the days on which any of them has a value."""

    kpis: Sequence[Any]
    now: Mapping[str, Reading]
    before: Mapping[str, Reading]
    weeks: Mapping[str, Sequence[Reading]]
    days: Sequence[date]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Sites whose contracts name the same formulas: the answers to their questions."""

    now: Callable[[], Figures]
    before: Callable[[], Figures]
    weeks: Callable[[], Figures]
    days: Callable[[], Figures]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of all sites. `versions`: the formulas of every KPI."""

    period: Period
    weeks: tuple[Period, ...]
    versions: Mapping[int, Sequence[Any]]
    _kpis: Mapping[int, Sequence[Any]]
    _asked: Mapping[int, _Asked]

    def of(self, site: int) -> OfSite:
        """A site's part of it."""
        kpis, asked = self._kpis[site], self._asked[site]
        codes = {kpi.code for kpi in kpis}
        weekly, daily = asked.weeks(), asked.days()
        weeks = {code: [weekly.get((site, week.first), {}).get(code, NOTHING) for week in self.weeks] for code in codes}
        days = sorted(
            day for (place, day), row in daily.items()
            if place == site and any(_of_the_day(one) for code, one in row.items() if code in codes)
        )  # fmt: skip
        return OfSite(kpis, asked.now().get((site,), {}), asked.before().get((site,), {}), weeks, days)


def _of_the_day(reading: Reading) -> bool:
    """Whether there is a figure of the day itself, not of the months before it."""
    return reading.value is not None and not reading.window


def read_all(site_ids: Sequence[int], judged: Mapping[int, Card], period: Period) -> Read:
    """Each site's figures by its contract's KPIs and formulas, of a site without contract all KPIs in use. One statement a table."""
    bare = kpis_in_use() if len(judged) < len(site_ids) else []
    kpis = {site: judged[site].kpis if site in judged else bare for site in site_ids}
    book = book_of({kpi.pk: kpi for rows in kpis.values() for kpi in rows}.values())
    together, weeks = Together(book), tuple(run_up(last_complete_week(period.last), WEEKS))
    asked: dict[int, _Asked] = {}
    for sites in _alike(site_ids, judged):
        known = {kpi.pk: kpi for site in sites for kpi in kpis[site]}
        pins = judged[sites[0]].pins if sites[0] in judged else {}
        answers = _ask(together, sites, list(known.values()), pins, period, weeks)
        asked |= dict.fromkeys(sites, answers)
    return Read(period, weeks, book.versions, kpis, asked)


def _alike(site_ids: Collection[int], judged: Mapping[int, Card]) -> list[list[int]]:
    """Sites whose contracts pin the same formulas, together."""
    groups: dict[Any, list[int]] = defaultdict(list)
    for site in site_ids:
        pins = judged[site].pins if site in judged else {}
        groups[frozenset((kpi, version.pk) for kpi, version in pins.items())].append(site)
    return list(groups.values())


def _ask(
    together: Together, sites: Collection[int], kpis: Sequence[Any], pins: Mapping[int, Any], period: Period, weeks: Sequence[Period]
) -> _Asked:  # fmt: skip
    scope, before = Scope(frozenset(sites)), period.previous()

    def read(first: date, last: date, *by: str) -> Callable[[], Figures]:
        # Each site takes its part of the answer.
        return cache(together.figures(scope, kpis, first, last, ("site", *by), pins=pins))

    return _Asked(
        read(period.first, period.last), read(before.first, before.last), read(weeks[0].first, weeks[-1].last, "week"),
        read(period.first - timedelta(days=HABIT), period.last, "day"),
    )  # fmt: skip
