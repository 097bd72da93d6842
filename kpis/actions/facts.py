"""Figures that other wings hand in: what they measured themselves, under a key that makes handing in twice the same as once."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from partners.queries import site_labels

from ..choices import BatchState, FactKind
from ..models import Batch, Component, Figure, Revision
from ..wording.imports import HANDED_IN

PLACES: Final = Decimal("0.0001")
# For how long a worker waits for whoever brings daily figures: as long as another one's turn takes.
PATIENCE: Final = "3s"
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('kpis figures', 0))"

type Where = tuple[int, int | None, int | None, date]
type Row = tuple[int, int | None, int | None, date, Decimal | int]


class Standing(NamedTuple):
    """A figure that stands: its row, its value, and where it came from."""

    pk: int
    value: Decimal
    batch_id: int
    row: int


@transaction.atomic
def hand_in(
    *, key: str, component_code: str, rows: Iterable[Row], days: Iterable[tuple[int, date]] = ()
) -> Batch | None:
    """Have these figures (site id, queue id, person id, the site's day, value) stand for the component.

    They replace all of the component's figures on their sites' days, and on `days` (site id, day), where there may be none any
    more. `key` names the handing-in ("cases 2026-11-19"): what another one brought leaves a trace, a figure that goes on
    growing under the same key does not. None: nothing changes.
    Raises Component.DoesNotExist, ValueError for two rows of the same place and day.
    """
    component = Component.objects.get(code=component_code)
    wanted: dict[Where, Decimal] = {}
    for site, queue, person, day, value in rows:
        if (site, queue, person, day) in wanted:
            raise ValueError("two figures for the same place and day")
        wanted[site, queue, person, day] = Decimal(value).quantize(PLACES)
    buckets = {(site, day) for site, _queue, _person, day in wanted} | set(days)
    lock_figures()
    standing = _standing(component, buckets)
    changed = {
        where: value for where, value in wanted.items() if where not in standing or standing[where].value != value
    }
    replaced = {where: one for where, one in standing.items() if where in changed or where not in wanted}
    if not changed and not replaced:
        return None
    batch = _batch(f"{key} {component.code}")
    _trace(batch, component, replaced)
    Figure.objects.filter(pk__in=[one.pk for one in replaced.values()]).delete()
    _write(batch, component, changed)
    _count(batch, len(wanted), changed, replaced)
    batch.sites.add(*{where[0] for where in (*changed, *replaced)})
    return batch


def lock_figures() -> None:
    """One at a time brings daily figures, by handing in or by a file, to the end of the transaction.

    One lock for all components: whoever hands in several takes them in an order of its own, and a file has any of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)


def lock_figures_soon() -> bool:
    """The same in a transaction, if it is to be had soon: a file may take minutes, and workers do not stand idle for so long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), set_config('lock_timeout', %s, true)", [PATIENCE])
        before, _now = cursor.fetchone()
        try:
            with transaction.atomic():
                cursor.execute(_LOCK)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            return False
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    return True


def _standing(component: Component, buckets: Collection[tuple[int, date]]) -> dict[Where, Standing]:
    sites, days = {site for site, _day in buckets}, {day for _site, day in buckets}
    found = Figure.objects.filter(component=component, site__in=sites, day__in=days)
    columns = ("site_id", "queue_id", "person_id", "day", "pk", "value", "batch_id", "row")
    return {
        (site, queue, person, day): Standing(*rest)
        for site, queue, person, day, *rest in found.values_list(*columns)
        if (site, day) in buckets
    }


def _batch(key: str) -> Batch:
    """The batch of this key: the same one as long as it goes on."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    known = Batch.objects.filter(kind=FactKind.FIGURES, source=HANDED_IN, digest=digest).order_by("pk").first()
    return known or Batch.objects.create(
        kind=FactKind.FIGURES, source=HANDED_IN, name=key[:200], digest=digest, state=BatchState.APPLIED,
        applied_at=timezone.now(),
    )  # fmt: skip


def _write(batch: Batch, component: Component, changed: Mapping[Where, Decimal]) -> None:
    Figure.objects.bulk_create(
        (
            Figure(
                component=component, site_id=site, queue_id=queue, person_id=person, day=day, value=value, batch=batch,
                row=row,
            )
            for row, ((site, queue, person, day), value) in enumerate(changed.items(), start=batch.rows + 1)
        ),
        batch_size=2000,
    )  # fmt: skip


def _count(batch: Batch, given: int, changed: Collection[Where], replaced: Mapping[Where, Standing]) -> None:
    """What the batch brought so far. A figure that it brought before and brings anew counts once more as a row, and as nothing else."""
    own = sum(1 for one in replaced.values() if one.batch_id == batch.pk)
    batch.rows += len(changed)
    batch.replaced += len(replaced) - own
    batch.added += sum(1 for where in changed if where not in replaced)
    batch.unchanged = given - len(changed)
    batch.applied_at = timezone.now()
    batch.save(update_fields=["rows", "added", "replaced", "unchanged", "applied_at"])


def _trace(batch: Batch, component: Component, replaced: Mapping[Where, Standing]) -> None:
    """Keep what an earlier handing-in or a file said."""
    others: Sequence[tuple[Where, Standing]] = [item for item in replaced.items() if item[1].batch_id != batch.pk]
    zones = {pk: ZoneInfo(site.time_zone) for pk, site in site_labels({where[0] for where, _one in others}).items()}
    Revision.objects.bulk_create(
        (
            Revision(
                batch=batch, former_batch_id=one.batch_id, former_row=one.row, kind=FactKind.FIGURES, site_id=site,
                queue_id=queue, person_id=person, at=datetime.combine(day, datetime.min.time(), zones[site]),
                before={"component": component.pk, "value": str(one.value)},
            )
            for (site, queue, person, day), one in others
        ),
        batch_size=2000,
    )  # fmt: skip
