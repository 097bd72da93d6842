"""What the figures of cases are made from."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery, Sum

from escalations.models import Case, CaseCount, Regulation, TimelineEntry
from partners import queries as directory
from sla import queries as sla

from .queue import KIND

type Day = tuple[int, date]


def changed_since(since: datetime | None) -> list[int]:
    """Cases that anything was recorded of since, or of whose clocks; None: all of them."""
    if since is None:
        return list(Case.objects.filter(site__isnull=False).order_by("pk").values_list("pk", flat=True))
    told = TimelineEntry.objects.filter(recorded_at__gte=since).values_list("case_id", flat=True)
    return sorted({*told, *sla.touched_since(KIND, since)})


def regulated() -> list[int]:
    """Cases that the law gave a time to answer, where they went on, and what else was merged there: wherever a clock by law may
    have run."""
    marked = set(Regulation.objects.values_list("case_id", flat=True))
    gone_on = Case.objects.filter(pk__in=marked, merged_into__isnull=False).values_list("merged_into_id", flat=True)
    held = marked.union(gone_on)
    return sorted(held.union(Case.objects.filter(merged_into__in=held).values_list("pk", flat=True)))


def days_of_sites(now: datetime, number: int) -> Iterator[Day]:
    """The last days, today included, of every site in use that ever had a case, on the site's calendar."""
    first = CaseCount.objects.filter(site=OuterRef("pk")).order_by("day").values("day")[:1]
    sites = directory.live_sites().annotate(first=Subquery(first)).filter(first__isnull=False).order_by("pk")
    for site, zone, since in sites.values_list("pk", "time_zone", "first"):
        today = now.astimezone(ZoneInfo(zone)).date()
        days = (today - timedelta(days=back) for back in range(number))
        yield from ((site, day) for day in days if day >= since)


def counts(days: Collection[Day]) -> Iterator[tuple[str, int, int | None, date, int]]:
    """Component, site, person, day and sum of what cases count for on these days. One query."""
    rows = CaseCount.objects.filter(site__in={site for site, _day in days}, day__in={day for _site, day in days})
    columns = ("component", "site_id", "person_id", "day")
    for component, site, person, day, value in rows.order_by().values_list(*columns).annotate(n=Sum("value")):
        if (site, day) in days:
            yield component, site, person, day, value
