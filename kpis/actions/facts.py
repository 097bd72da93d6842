"""Figures that other wings hand in: what they measured themselves, under a key that makes handing in twice the same as once."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from partners.queries import site_labels

from ..choices import BatchState, FactKind
from ..models import Batch, Component, Figure, Revision

PLACES: Final = Decimal("0.0001")

type Where = tuple[int, int | None, int | None, date]
type Row = tuple[int, int | None, int | None, date, Decimal | int]


@transaction.atomic
def hand_in(
    *, key: str, component_code: str, rows: Iterable[Row], days: Iterable[tuple[int, date]] = ()
) -> Batch | None:
    """Have these figures (site id, queue id, person id, the site's day, value) stand for the component.

    They replace all of the component's figures on their sites' days, and on `days` (site id, day), where there may be none any
    more; what is replaced leaves a trace. `key` names the handing-in ("escalations 2026-11-19"). None: nothing changes.
    Raises Component.DoesNotExist, ValueError for two rows of the same place and day.
    """
    component = Component.objects.get(code=component_code)
    wanted: dict[Where, Decimal] = {}
    for site, queue, person, day, value in rows:
        if (site, queue, person, day) in wanted:
            raise ValueError("two figures for the same place and day")
        wanted[site, queue, person, day] = Decimal(value).quantize(PLACES)
    buckets = {(site, day) for site, _queue, _person, day in wanted} | set(days)
    _lock(component.code)
    standing = {(f.site_id, f.queue_id, f.person_id, f.day): f for f in _standing(component, buckets)}
    changed = {
        where: value for where, value in wanted.items() if where not in standing or standing[where].value != value
    }
    gone = [figure for where, figure in standing.items() if where not in wanted]
    if not changed and not gone:
        return None
    replaced = [*gone, *(standing[where] for where in changed if where in standing)]
    batch = _batch(key, len(wanted), len(changed), len(replaced), len(wanted) - len(changed))
    _trace(batch, replaced)
    Figure.objects.filter(pk__in=[figure.pk for figure in replaced]).delete()
    Figure.objects.bulk_create(
        Figure(
            component=component,
            site_id=site,
            queue_id=queue,
            person_id=person,
            day=day,
            value=value,
            batch=batch,
            row=row,
        )
        for row, ((site, queue, person, day), value) in enumerate(changed.items(), start=1)
    )
    batch.sites.set({site for site, _day in buckets})
    return batch  # fmt: skip


def _lock(code: str) -> None:
    """One handing-in of a component at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"kpis figures {code}"])


def _standing(component: Component, buckets: Collection[tuple[int, date]]) -> list[Figure]:
    sites, days = {site for site, _day in buckets}, {day for _site, day in buckets}
    found = Figure.objects.filter(component=component, site__in=sites, day__in=days)
    return [figure for figure in found if (figure.site_id, figure.day) in buckets]


def _batch(key: str, rows: int, changed: int, replaced: int, unchanged: int) -> Batch:
    return Batch.objects.create(
        kind=FactKind.FIGURES, source="portal", name=key[:200], digest=hashlib.sha256(key.encode()).hexdigest(),
        state=BatchState.APPLIED, applied_at=timezone.now(), rows=rows, added=max(changed - replaced, 0), replaced=replaced,
        unchanged=unchanged,
    )  # fmt: skip


def _trace(batch: Batch, replaced: Collection[Figure]) -> None:
    zones = {pk: ZoneInfo(site.time_zone) for pk, site in site_labels({f.site_id for f in replaced}).items()}
    Revision.objects.bulk_create(
        Revision(
            batch=batch, former_batch_id=f.batch_id, former_row=f.row, kind=FactKind.FIGURES, site_id=f.site_id,
            queue_id=f.queue_id, person_id=f.person_id, at=datetime.combine(f.day, datetime.min.time(), zones[f.site_id]),
            before={"component": f.component_id, "value": str(f.value)},
        )
        for f in replaced
    )  # fmt: skip
