"""Figures week by week, how fresh they are, and what people wrote beside them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from ..models import Annotation, Component, DirtyBucket, Kpi, KpiVersion, QueueDay
from ..rules.formulas import Reading
from ..rules.periods import Period
from .figures import THEN, figures
from .sums import Key, Scope

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
    """How fresh the figures of a period are, per site. Two queries."""
    days = Q(day__gte=period.first, day__lte=period.last)
    made = dict(
        QueueDay.objects.filter(days, site__in=site_ids).values_list("site").annotate(Max("computed_at")).order_by()
    )
    waiting = dict(DirtyBucket.objects.filter(days, site__in=site_ids).values_list("site").annotate(Count("pk")))
    return {site: Freshness(newest.get(site), made.get(site), waiting.get(site, 0)) for site in site_ids}


def weekly(
    scope: Scope,
    kpis: Iterable[Kpi],
    weeks: Sequence[Period],
    by: Sequence[str] = (),
    *,
    formula: str | int = THEN,
    pins: Mapping[int, KpiVersion] | None = None,
) -> Weekly:
    """Readings per week, in the order of `weeks`, None where nothing was measured."""
    read = figures(scope, kpis, weeks[0].first, weeks[-1].last, (*by, "week"), formula=formula, pins=pins)
    place = {week.first: at for at, week in enumerate(weeks)}
    found: Weekly = {}
    for key, readings in read.items():
        rows = found.setdefault(key[:-1], {})
        for code, reading in readings.items():
            rows.setdefault(code, [None] * len(weeks))[place[key[-1]]] = reading
    return found


def component_names(codes: Collection[str] | None = None) -> dict[str, str]:
    """Labels of the components that are not built in. One query."""
    rows = Component.objects.all() if codes is None else Component.objects.filter(code__in=codes)
    return {one.code: one.label for one in rows}


def annotations(site_ids: Collection[int], first: date, last: date) -> QuerySet[Annotation]:
    """What was written about these sites, or about all, that touches these days."""
    rows = Annotation.objects.filter(withdrawn_at=None, first_day__lte=last, last_day__gte=first)
    return rows.filter(Q(site=None) | Q(site__in=site_ids)).select_related("site", "kpi", "made_by")
