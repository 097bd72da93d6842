"""Who begins to work somewhere within some days: the waves that have to be ready."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, Q, QuerySet

from ..choices import PlacementKind
from ..models import Engagement, Placement


def starting_between(site_ids: Collection[int], first: date, last: date) -> QuerySet[Placement]:
    """Primary placements that begin from `first` to `last` at these sites and are the first of a working life there.

    Who was placed before, up to that day or within the same engagement, moves, and is at work already. Who was employed
    anew begins again. For callers that have chosen visible sites. The two conditions on the period are such that the
    index on site and period answers them.
    """
    window = DateRange(first, last + timedelta(days=1), "[)")
    live = Placement.objects.filter(cancelled_at__isnull=True, kind=PlacementKind.PRIMARY)
    rows = live.filter(site_id__in=site_ids, period__not_lt=window, period__overlap=window)
    return rows.exclude(Exists(_moved_from(live)))


def _moved_from(live: QuerySet[Placement]) -> QuerySet[Placement]:
    """Earlier placements from which the person of the outer row moves."""
    employed = Engagement.objects.filter(
        person=OuterRef("person"),
        period__overlap=OuterRef("period"),
        period__contains=OuterRef(OuterRef("period__startswith")),
    )
    # By their first days, which are compared faster than ranges; primary placements do not overlap.
    earlier = live.filter(person=OuterRef("person"), period__startswith__lt=OuterRef("period__startswith"))
    return earlier.filter(Q(period__adjacent_to=OuterRef("period")) | Exists(employed))
