"""Signals that were told of, who follows what, and the weeks behind a signal."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.rules import Actor

from ..choices import Grain
from ..models import AlertEvent, Annotation, Follow, Kpi, KpiVersion
from ..rules.formulas import Reading
from ..rules.periods import Period, containing, run_up
from ..rules.samples import least
from .contracts import Card
from .definitions import in_force, is_sampled, versions_of
from .figures import figures
from .scope import reads_figures, sites_visible_to
from .sums import Scope

NOTHING = Reading(why="no_data")


def events_visible_to(actor: Actor) -> QuerySet[AlertEvent]:
    """The signals of sites whose figures the actor reads."""
    if not reads_figures(actor):
        return AlertEvent.objects.none()
    return AlertEvent.objects.filter(site__in=sites_visible_to(actor).values("pk"))


def follows_of(actor: Actor) -> QuerySet[Follow]:
    """What the actor follows, as far as they still see it."""
    seen = sites_visible_to(actor).values("pk")
    rows = Follow.objects.filter(user_id=actor.user_id or 0).filter(Q(site=None) | Q(site__in=seen))
    return rows.select_related("site", "kpi").order_by("site__name", "kpi__position", "pk")


def followers(events: Collection[AlertEvent]) -> dict[int, list[int]]:
    """Per event, the users who follow it and read its site's figures now. A constant number of queries, and one per follower."""
    sites, kpis = {one.site_id for one in events}, {one.kpi_id for one in events}
    rows = Follow.objects.filter(Q(site=None) | Q(site__in=sites), Q(kpi=None) | Q(kpi__in=kpis))
    follows = list(rows.order_by("user_id").values_list("user_id", "site_id", "kpi_id"))
    seen = _seen({user for user, _site, _kpi in follows}, sites)
    found: dict[int, list[int]] = defaultdict(list)
    for one in events:
        for user, site, kpi in follows:
            if site in (None, one.site_id) and kpi in (None, one.kpi_id) and one.site_id in seen.get(user, ()):
                found[one.pk].append(user)
    return {pk: list(dict.fromkeys(users)) for pk, users in found.items()}


def _seen(users: Collection[int], sites: Collection[int]) -> dict[int, set[int]]:
    actors = accounts.actors_of(users, timezone.now())
    return {
        user: set(sites_visible_to(actor).filter(pk__in=sites).values_list("pk", flat=True))
        for user, actor in actors.items()
        if reads_figures(actor)
    }


def weekly(
    site_id: int, kpis: Collection[Kpi], weeks: Sequence[Period], pins: Mapping[int, KpiVersion] | None = None
) -> dict[str, list[Reading]]:
    """Each KPI's reading in each of these weeks, which follow one another, approved exclusions left out."""
    scope = Scope(frozenset({site_id}))
    read = figures(scope, kpis, weeks[0].first, weeks[-1].last, ("week",), pins=pins)
    return {kpi.code: [_at(read, week).get(kpi.code, NOTHING) for week in weeks] for kpi in kpis}


def _at(read: Mapping[Any, Mapping[str, Reading]], week: Period) -> Mapping[str, Reading]:
    return read.get((week.first,), {})


def rebased(site_id: int, weeks: Sequence[Period]) -> dict[int | None, set[int]]:
    """Indexes of the weeks in which the process changed, by annotations in force; under None those for all KPIs. One query."""
    return rebased_at([site_id], weeks)[site_id]


def rebased_at(site_ids: Collection[int], weeks: Sequence[Period]) -> dict[int, dict[int | None, set[int]]]:
    """`rebased` of several sites. One query."""
    rows = Annotation.objects.filter(
        Q(site=None) | Q(site__in=site_ids), rebases=True, queue=None, withdrawn_at=None,
        first_day__gte=weeks[0].first, first_day__lte=weeks[-1].last,
    )  # fmt: skip
    found: dict[int, dict[int | None, set[int]]] = {site: defaultdict(set) for site in site_ids}
    for place, kpi, first in rows.values_list("site_id", "kpi_id", "first_day"):
        for site in site_ids if place is None else (place,):
            found[site][kpi].add((first - weeks[0].first).days // 7)
    return found


def smallest_samples(
    kpis: Sequence[Kpi], card: Card | None, day: date, versions: Mapping[int, Sequence[KpiVersion]] | None = None
) -> Mapping[int, int]:
    """The smallest sample that counts, per KPI, as on pages: the contract's, else the definition's. One query, none with `versions` in hand."""
    if versions is None:
        versions = versions_of([kpi.pk for kpi in kpis])
    found: dict[int, int] = {}
    for kpi in kpis:
        version, terms = in_force(versions[kpi.pk], day), card.line_of(kpi.code) if card else None
        sampled = version is not None and is_sampled(kpi, version)
        found[kpi.pk] = least(terms, version.minimum_n if version else 0, sampled=sampled)
    return found


def period_of(event: AlertEvent) -> Period:
    """The week or month in which the signal appeared."""
    return containing(event.grain, event.period)


def weeks_until(event: AlertEvent, count: int) -> list[Period]:
    """The weeks up to the signal's own, or up to the one in which it was found when it is a month's."""
    last = event.period if event.grain == Grain.WEEK else _last_day(event)
    return run_up(containing("week", last), count)


def _last_day(event: AlertEvent) -> date:
    return min(period_of(event).last, event.created_at.date())
