"""Who has left, and whose working life turned lately: for wings that follow the directory."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
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
        found[person] = Departure(person, site, min(datetime.combine(upper, time(), ZoneInfo(zone)), at))
    return found


def turned(now: datetime | None = None, *, days: int = 2) -> set[int]:
    """People with an engagement or a placement that began or ended within the last days, wherever they are. Two queries."""
    day = (now or timezone.now()).date()
    span = (day - timedelta(days=days) - _SLACK, day + _SLACK)
    edge = Q(period__startswith__range=span) | Q(period__endswith__range=span)
    placed = Placement.objects.filter(edge, cancelled_at=None).values_list("person_id", flat=True)
    return {*placed, *Engagement.objects.filter(edge).values_list("person_id", flat=True)}
