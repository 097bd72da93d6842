"""The weeks before and after an action was done, and what they say. The figures are those of `kpis`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from kpis.queries import Scope, cards, judged_on
from kpis.queries.signals import smallest_samples
from kpis.queries.trends import weekly, with_newest
from kpis.rules.periods import Period, containing, last_complete_week, run_up, whole_until
from kpis.rules.signals import rolling_months, value_of
from partners import queries as directory
from portal.accounts.rules import Actor

from ..models import Action
from ..rules.actions import hoped_above
from ..rules.effects import WEEKS_BEFORE, Effect, effect
from .scope import sites_visible_to

if TYPE_CHECKING:
    from partners.models import Site

#: Weeks after completion that are looked at.
WEEKS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Measured:
    """The weeks in their order with their values (None: no figure, or too small a sample); `at`: the index of the week of completion."""

    weeks: Sequence[Period]
    values: Sequence[float | None]
    at: int
    effect: Effect


def measured(actor: Actor, action: Action) -> Measured | None:
    """None for an action that is not done or was to move no KPI, and where the actor does not read the figures."""
    if action.kpi is None or action.done_at is None:
        return None
    sites = list(with_newest(_sites_of(action)))
    if not sites or not _reads(actor, sites):
        return None
    zone = ZoneInfo(action.site.time_zone) if action.site else ZoneInfo("UTC")
    week = containing("week", action.done_at.astimezone(zone).date())
    weeks = _weeks(week, max((one.newest for one in sites if one.newest), default=None))
    (values, rolling), at = _values(action, sites, weeks), weeks.index(week)
    hoped = hoped_above(
        None if action.expected_change is None else float(action.expected_change), action.kpi.direction
    )  # fmt: skip
    found = effect(values[:at], values[at + 1 :], above=hoped, unit=action.kpi.unit, rolling=rolling)
    return Measured(weeks, values, at, found)


def _sites_of(action: Action) -> "QuerySet[Site]":
    sites = directory.live_sites()
    if action.site_id is not None:
        return sites.filter(pk=action.site_id)
    return sites.filter(partner=action.partner_id) if action.partner_id is not None else sites


def _reads(actor: Actor, sites: Sequence[Any]) -> bool:
    wanted = {one.pk for one in sites}
    return actor.is_system or sites_visible_to(actor).filter(pk__in=wanted).count() == len(wanted)


def _weeks(done: Period, newest: date | None) -> list[Period]:
    """The weeks before it, its own, and those after it that are complete."""
    weeks = [*run_up(done.previous(), WEEKS_BEFORE), done]
    if newest is None:
        return weeks
    last = last_complete_week(whole_until(newest, timezone.localdate()))
    while weeks[-1].first < last.first and len(weeks) <= WEEKS_BEFORE + WEEKS_SHOWN:
        weeks.append(weeks[-1].previous(-1))
    return weeks


def _values(action: Action, sites: Sequence[Any], weeks: Sequence[Period]) -> tuple[list[float | None], bool]:
    """Week by week, and whether they roll over months."""
    kpi = action.kpi
    assert kpi is not None
    card = cards([action.site_id], judged_on(weeks[-1])).get(action.site_id) if action.site_id else None
    fewest = smallest_samples([kpi], card, weeks[-1].last)[kpi.pk]
    scope = Scope(frozenset(one.pk for one in sites))
    read = weekly(scope, [kpi], weeks, pins=card.pins if card else None)
    readings = read.get((), {}).get(kpi.code, [None] * len(weeks))
    values = [None if one is None else value_of(one, fewest) for one in readings]
    return values, bool(rolling_months(readings))
