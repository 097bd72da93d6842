"""Who begins somewhere within some days: the waves that have to be ready."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from ..choices import PlacementKind
from ..models import Placement


def starting_between(site_ids: Collection[int], first: date, last: date) -> QuerySet[Placement]:
    """Primary placements that begin from `first` to `last` at these sites, in a job that is new to the person there.

    Whoever changes only the team or the lead begins nothing. For callers that have chosen visible sites. The two
    conditions on the period are such that the index on site and period answers them.
    """
    window = DateRange(first, last + timedelta(days=1), "[)")
    live = Placement.objects.filter(cancelled_at__isnull=True, kind=PlacementKind.PRIMARY)
    same_before = live.annotate(programme_key=Coalesce("programme", 0)).filter(
        person=OuterRef("person"),
        site=OuterRef("site"),
        job_role=OuterRef("job_role"),
        programme_key=Coalesce(OuterRef("programme"), 0),
        period__adjacent_to=OuterRef("period"),
        period__fully_lt=OuterRef("period"),
    )
    rows = live.filter(site_id__in=site_ids, period__not_lt=window, period__overlap=window)
    return rows.exclude(Exists(same_before))
