"""Figures week by week, and how fresh they are."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery

from ..models import Kpi, KpiVersion, QueueDay
from ..rules.formulas import Reading
from ..rules.periods import Period
from .book import book_of
from .figures import THEN, Figures, Together
from .sums import Key, Scope

# A row for each site, whatever is known of it.
_FRESH: Final = """
SELECT s.id, (SELECT max(computed_at) FROM kpis_queueday WHERE site_id = s.id AND day BETWEEN %(first)s AND %(last)s),
    (SELECT count(*) FROM kpis_dirtybucket WHERE site_id = s.id AND day BETWEEN %(first)s AND %(last)s)
FROM unnest(%(sites)s::bigint[]) AS s(id)
"""

type Weekly = dict[Key, dict[str, list[Reading | None]]]


@dataclass(frozen=True, slots=True)
class Freshness:
    """The newest day with figures, when sums of the period were last made, and how many of its days wait to be made again."""

    newest: date | None = None
    made_at: datetime | None = None
    waiting: int = 0


def with_newest(sites: QuerySet[Any]) -> QuerySet[Any]:
    """These sites with `newest`, the newest day that has sums; one row per site is looked at."""
    days = QueueDay.objects.filter(site=OuterRef("pk")).order_by("-day").values("day")
    annotated: QuerySet[Any] = sites.annotate(newest=Subquery(days[:1]))
    return annotated


def freshness(site_ids: Collection[int], newest: Mapping[int, date | None], period: Period) -> dict[int, Freshness]:
    """How fresh the figures of a period are, per site. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FRESH, {"sites": list(site_ids), "first": period.first, "last": period.last})
        return {site: Freshness(newest.get(site), made, waiting) for site, made, waiting in cursor.fetchall()}


def weekly(
    scope: Scope,
    kpis: Iterable[Kpi],
    weeks: Sequence[Period],
    by: Sequence[str] = (),
    *,
    formula: str | int = THEN,
    pins: Mapping[int, KpiVersion] | None = None,
    excluded: bool = False,
) -> Weekly:
    """Readings per week, in the order of `weeks`, None where nothing was measured; without intervals."""
    together = Together(book_of(kpis))
    way: dict[str, Any] = {"formula": formula, "pins": pins, "excluded": excluded}
    return ask_weekly(together, scope, together.book.kpis, weeks, by, **way)()


def ask_weekly(
    together: Together, scope: Scope, kpis: Iterable[Kpi], weeks: Sequence[Period], by: Sequence[str] = (), **way: Any
) -> Callable[[], Weekly]:
    """`weekly` as one of several questions, of KPIs in the book."""
    first, last = weeks[0].first, weeks[-1].last
    read = together.figures(scope, kpis, first, last, (*by, "week"), bounds=False, **way)
    return lambda: _in_order(read(), weeks)


def _in_order(read: Figures, weeks: Sequence[Period]) -> Weekly:
    place = {week.first: at for at, week in enumerate(weeks)}
    found: Weekly = {}
    for key, readings in read.items():
        rows = found.setdefault(key[:-1], {})
        for code, reading in readings.items():
            rows.setdefault(code, [None] * len(weeks))[place[key[-1]]] = reading
    return found
