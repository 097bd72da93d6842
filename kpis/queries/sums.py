"""Sums of components, by whatever a page asks for: the only place that reads daily sums. One query per table, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, DateField, DecimalField, F, Func, Model, QuerySet, Sum, Window
from django.db.models.functions import ExtractIsoWeekDay, RowNumber

from ..components import BY_CODE, OF_AGENTS
from ..models import AgentDay, Component, Figure, QueueDay

type Key = tuple[Any, ...]
type Row = dict[str, Decimal | None]

PLACES: Final = ("site", "programme", "queue", "team", "person")
TIMES: Final = ("day", "week", "month", "quarter", "weekday")
_AGENT_CODES: Final = frozenset(component.code for component in OF_AGENTS)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: sites, narrowed by one of the others. Ids come from what the actor may see, never straight from an address."""

    site_ids: frozenset[int]
    programme_ids: frozenset[int] | None = None
    queue_ids: frozenset[int] | None = None
    team_ids: frozenset[int] | None = None
    person_ids: frozenset[int] | None = None

    def of_people(self, by: Sequence[str] = ()) -> bool:
        """Whether only what is known of agents can answer."""
        return self.team_ids is not None or self.person_ids is not None or bool({"team", "person"} & set(by))


@dataclass(slots=True)
class _Wanted:
    built_in: list[str] = field(default_factory=list)
    other: dict[int, Component] = field(default_factory=dict)


def sums(
    scope: Scope,
    first: date,
    last: date,
    by: Sequence[str],
    components: Collection[str],
    *,
    excluded: bool = False,
) -> dict[Key, Row]:
    """Component sums from `first` to `last`, both included, grouped by `by` (of PLACES and TIMES), keyed by a tuple in that order.

    None: nobody measured it; 0: measured, and none. Places are ids; times are the first day of the period, `weekday` 1 (Monday) to 7.
    `excluded`: also what lies in approved exclusions (a contract leaves it out). A stock is the value of its last day in each
    group, added up over sites and queues. People and teams have no queues, teams no figures of their own: asked for together, nothing.
    Raises ValueError for another `by`.
    """
    if unknown := set(by) - {*PLACES, *TIMES}:
        raise ValueError(f"nothing is grouped by {', '.join(sorted(unknown))}")
    wanted = _wanted(components)
    found: dict[Key, Row] = defaultdict(dict)
    if wanted.built_in:
        _add_built_in(found, scope, first, last, by, wanted.built_in, excluded)
    if wanted.other:
        _add_figures(found, scope, first, last, by, wanted.other)
    return dict(found)


def _wanted(components: Collection[str]) -> _Wanted:
    wanted = _Wanted([code for code in BY_CODE if code in set(components)])
    others = sorted(set(components) - set(BY_CODE))
    if others:
        wanted.other = {one.pk: one for one in Component.objects.filter(code__in=others)}
    return wanted


def _add_built_in(
    found: dict[Key, Row], scope: Scope, first: date, last: date, by: Sequence[str], codes: list[str], excluded: bool
) -> None:
    people = scope.of_people(by)
    model: type[Model] = AgentDay if people else QueueDay
    known = [code for code in codes if not people or code in _AGENT_CODES]
    if not known or (people and "queue" in by):
        return
    rows = _narrowed(model._default_manager.all(), scope, people).filter(day__gte=first, day__lte=last)
    if not excluded:
        rows = rows.filter(excluded=False)
    names, rows = _grouped(rows, by, people)
    # PostgreSQL's sums are numeric, which is what is wanted.
    added = {f"sum_{code}": Sum(code, output_field=DecimalField()) for code in known}
    for row in rows.annotate(**added) if names else _together(rows, added):
        found[tuple(row[name] for name in names)] |= {code: row[f"sum_{code}"] for code in known}


def _together(rows: QuerySet[Any], added: Mapping[str, Sum]) -> list[dict[str, Any]]:
    """One row for everything, or none where there is nothing: `values()` without names would group by every column."""
    row = rows.aggregate(**added, rows=Count("pk"))
    return [row] if row["rows"] else []


def _add_figures(
    found: dict[Key, Row], scope: Scope, first: date, last: date, by: Sequence[str], components: Mapping[int, Component]
) -> None:
    if "team" in by:
        return
    rows = Figure.objects.filter(component__in=components, day__gte=first, day__lte=last)
    rows = _narrowed_figures(rows, scope, by)
    stocks = [pk for pk, one in components.items() if one.stock]
    for part, wanted in (
        (rows.exclude(component__in=stocks), set(components) - set(stocks)),
        (_last_of(rows, by, stocks), set(stocks)),
    ):
        if not wanted:
            continue
        names, grouped = _grouped(part, by, people=None)
        for row in grouped.values(*names, "component_id").annotate(sum_value=Sum("value")):
            found[tuple(row[name] for name in names)][components[row["component_id"]].code] = row["sum_value"]


def _last_of(rows: QuerySet[Figure], by: Sequence[str], stocks: Collection[int]) -> QuerySet[Figure]:
    """The last day of each stock within each period; every site, queue and person has its own last day."""
    time = [one for one in by if one in TIMES]
    if not stocks or "day" in time:
        return rows.filter(component__in=stocks)
    newest = Window(
        RowNumber(),
        partition_by=[F("component"), F("site"), F("queue"), F("person"), *_periods(time).values()],
        order_by=F("day").desc(),
    )
    latest = rows.filter(component__in=stocks).annotate(newest=newest).filter(newest=1)
    return Figure.objects.filter(pk__in=latest.values("pk"))


def _narrowed(rows: QuerySet[Any], scope: Scope, people: bool) -> QuerySet[Any]:
    rows = rows.filter(site__in=scope.site_ids)
    if scope.programme_ids is not None:
        rows = rows.filter(**{"programme__in" if people else "queue__programme__in": scope.programme_ids})
    if scope.queue_ids is not None:
        rows = rows.none() if people else rows.filter(queue__in=scope.queue_ids)
    if scope.team_ids is not None:
        rows = rows.filter(team__in=scope.team_ids)
    if scope.person_ids is not None:
        rows = rows.filter(person__in=scope.person_ids)
    return rows


def _narrowed_figures(rows: QuerySet[Figure], scope: Scope, by: Sequence[str]) -> QuerySet[Figure]:
    """A figure is somebody's or a place's own: those of people are never added to those of places. Teams have none."""
    rows = rows.filter(site__in=scope.site_ids)
    if scope.programme_ids is not None:
        rows = rows.filter(queue__programme__in=scope.programme_ids)
    if scope.queue_ids is not None:
        rows = rows.filter(queue__in=scope.queue_ids)
    if scope.team_ids is not None:
        return rows.none()
    if scope.person_ids is not None:
        return rows.filter(person__in=scope.person_ids)
    return rows.filter(person__isnull="person" not in by)


def _grouped(rows: QuerySet[Any], by: Sequence[str], people: bool | None) -> tuple[list[str], QuerySet[Any]]:
    """The rows grouped, and the names under which the group's parts stand, in the order of `by`."""
    rows = rows.annotate(**_periods([one for one in by if one in TIMES]))
    names = []
    for one in by:
        if one in TIMES:
            names.append(f"period_{one}")
        elif one == "programme":
            names.append("programme_id" if people else "queue__programme_id")
        else:
            names.append(f"{one}_id")
    return names, rows.order_by().values(*names)


class _First(Func):
    """The first day of the period around a day: date_trunc without a time zone, which costs a third."""

    template = "date_trunc('%(grain)s', %(expressions)s::timestamp)::date"
    output_field = DateField()


def _periods(times: Sequence[str]) -> dict[str, Any]:
    ways = {
        "day": F("day"),
        "week": _First("day", grain="week"),
        "month": _First("day", grain="month"),
        "quarter": _First("day", grain="quarter"),
        "weekday": ExtractIsoWeekDay("day"),
    }
    return {f"period_{one}": ways[one] for one in times}
