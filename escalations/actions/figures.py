"""Cases hand in the figures of their sites: escalations, solved and reopened, promises kept of promises due."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from escalations import queries
from escalations.choices import REOPEN_DAYS
from escalations.queries.figures import Day, changed_since, counts, days_of_sites, regulated
from kpis.actions import follow, hand_in
from sla.queries import decided

from .figures_sql import RECOUNT

SOURCE: Final = "cases"
COMPONENTS: Final = ("escalated", "solved", "reopened", "sla_due", "sla_met")
# Days whose absence of cases is told too: somebody looked, and there were none.
CURRENT: Final = 2
AGAIN: Final = 35
CHUNK: Final = 2000

type Row = tuple[int, None, int | None, date, int]


def hand_in_changes() -> int:
    """Hand in the days that cases have changed since the last time, and today; of how many components some differ. One worker at a time."""
    return follow(SOURCE, lambda since: _work(since, CURRENT))


def hand_in_again(days: int = AGAIN) -> int:
    """The same for everything of the last days, whether it changed or not: what a missed change or a new time zone left behind."""
    earliest = timezone.now() - timedelta(days=days)
    return follow(SOURCE, lambda since: _work(since and min(since, earliest), days))


def hand_in_by_law() -> int | None:
    """The same for all cases with deadlines by law, however old: versions before counted these among the promises of their sites.
    None: another worker is at it, or a file; nothing was done."""
    found: list[int] = []

    def work(since: datetime | None) -> int:
        found.append(_work(since, CURRENT, regulated()))
        return found[0]

    follow(SOURCE, work)
    return found[0] if found else None


def _work(since: datetime | None, current: int, also: Iterable[int] = ()) -> int:
    touched: set[Day] = set()
    for ids in batched(sorted({*changed_since(since), *also}), CHUNK):
        touched |= recount(ids)
    now = timezone.now()
    touched |= set(days_of_sites(now, current))
    return _hand_in(touched, f"{SOURCE} {now.date()}")


def recount(ids: Iterable[int]) -> set[Day]:
    """Count these cases anew; the days of sites that this changes. In a transaction."""
    chosen = list(ids)
    promises = decided(queries.KIND, chosen)
    arguments: dict[str, Any] = {
        "ids": chosen,
        "window": REOPEN_DAYS,
        "promised": [one.subject_id for one in promises],
        "decided": [one.at for one in promises],
        "kept": [one.kept for one in promises],
    }
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, arguments)
        return set(cursor.fetchall())


def _hand_in(days: Collection[Day], key: str) -> int:
    """A site's figure is all of its cases; besides, each agent's own are theirs. Where nobody has any, the site has none: 0."""
    places = {component: dict.fromkeys(days, 0) for component in COMPONENTS}
    people: dict[str, list[Row]] = {component: [] for component in COMPONENTS}
    for component, site, person, day, value in counts(days):
        places[component][site, day] += value
        if person is not None:
            people[component].append((site, None, person, day, value))
    changed = 0
    for component in COMPONENTS:
        rows = [(site, None, None, day, value) for (site, day), value in sorted(places[component].items())]
        done = hand_in(key=key, component_code=component, rows=[*rows, *people[component]], days=days)
        changed += done is not None
    return changed
