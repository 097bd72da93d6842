"""Who has left, and whose working life turned lately: for wings that follow the directory."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from ..models import Engagement, Placement
from .details import own_day

# A day begins up to 14 hours earlier and up to 12 hours later than in UTC.
_SLACK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody left: when their last day ended where they worked; `site_id` is where that was, if anywhere."""

    person_id: int
    site_id: int | None
    ended_at: datetime


def departures(person_ids: Collection[int], now: datetime | None = None) -> dict[int, Departure]:
    """Those of the people who are employed neither now nor later, by id. People never employed are not among them.

    An engagement that was ended at once is over, whatever its last day. Three queries.
    """
    at = now or timezone.now()
    ours = Engagement.objects.filter(person_id__in=person_ids)
    live = ours.filter(Q(period__upper_inf=True) | Q(period__endswith__gt=own_day(at)), access_ended_at=None)
    staying = set(live.values_list("person_id", flat=True))
    ended = ours.exclude(person_id__in=staying).order_by("period", "pk").values_list("person_id", "period")
    last = {person: period.upper for person, period in ended if period.upper is not None}
    places = Placement.objects.filter(person_id__in=last, cancelled_at=None).order_by("period", "pk")
    where = {person: (site, zone) for person, site, zone in places.values_list("person_id", "site", "site__time_zone")}
    found = {}
    for person, upper in last.items():
        site, zone = where.get(person, (None, "UTC"))
        found[person] = Departure(person, site, min(_start_of(upper, zone), at))
    return found


def turned(now: datetime | None = None, *, days: int = 2) -> dict[int, datetime]:
    """People with a placement or an engagement that began or ended within the last days, and when it last did.

    The day is that of the placement's site; of engagements it is that in UTC. Two queries.
    """
    at = now or timezone.now()
    span = (at.date() - timedelta(days=days) - _SLACK, at.date() + _SLACK)
    edge = Q(period__startswith__range=span) | Q(period__endswith__range=span)
    placed = Placement.objects.filter(edge, cancelled_at=None).values_list("person_id", "period", "site__time_zone")
    engaged = Engagement.objects.filter(edge).values_list("person_id", "period")
    found: dict[int, datetime] = {}
    for person, period, zone in [*placed, *((person, period, "UTC") for person, period in engaged)]:
        edges = [_start_of(day, zone) for day in (period.lower, period.upper) if day and span[0] <= day <= span[1]]
        for edge_at in edges:
            if edge_at <= at:
                found[person] = max(edge_at, found.get(person, edge_at))
    return found


def end_of(day: date, zone: str) -> datetime:
    """When a day ends at a place."""
    return _start_of(day + timedelta(days=1), zone)


def _start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
