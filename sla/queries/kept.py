"""Promises that have been decided, for wings that count them."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Least

from portal.ui.pagination import Page, keyset_page
from sla import registry
from sla.choices import OPEN_STATES, ClockState
from sla.models import Clock, ClockEvent


class Decided(NamedTuple):
    """A promise of a subject: when it was decided, and whether it was kept. Kept: when it was met; else when it was due."""

    subject_id: int
    at: datetime
    kept: bool


class Settled(NamedTuple):
    """The same with the name of the promise in the reader's language and its number."""

    pk: int
    subject_id: int
    label: str
    at: datetime
    due_at: datetime
    kept: bool


def decided(subject_kind: str, ids: Collection[int]) -> list[Decided]:
    """The promises of policies about these subjects that were kept or broken. Cancelled ones are neither. One query.

    What no policy sets, such as a deadline by law, is left out: a site promised nothing there, and need not know of it.
    """
    rows = _decided(subject_kind, ids).filter(metric__in=list(registry.kind_of(subject_kind).metrics))
    return [Decided(*row) for row in rows.values_list("subject_id", "at", "kept")]


def decided_between(subject_kind: str, ids: Collection[int], since: datetime, until: datetime) -> tuple[int, int]:
    """Of the promises about these subjects that were decided from one instant to another, both included: how many were kept,
    and how many there are. One query."""
    rows = _decided(subject_kind, ids).filter(at__gte=since, at__lte=until)
    found = rows.aggregate(number=Count("pk"), kept_ones=Count("pk", filter=Q(kept=True)))
    return found["kept_ones"], found["number"]


def decided_page(
    subject_kind: str, ids: Collection[int], since: datetime, until: datetime, *, cursor: str | None, size: int
) -> Page[Settled]:
    """Those that `decided_between` counts, the last decided first. One query. Raises BadCursor."""
    rows = _decided(subject_kind, ids).filter(at__gte=since, at__lte=until)
    columns = ("id", "subject_id", "metric", "at", "due_at", "kept")
    page = keyset_page(rows.values(*columns), order=("-at", "-id"), cursor=cursor, size=size)
    label = registry.kind_of(subject_kind).metric_label
    found = [
        Settled(row["id"], row["subject_id"], str(label(row["metric"])), row["at"], row["due_at"], row["kept"])
        for row in page.items
    ]
    return Page(found, page.next_cursor, page.prev_cursor)


def _decided(subject_kind: str, ids: Collection[int]) -> QuerySet[Any]:
    over = Q(state=ClockState.MET) | Q(state__in=OPEN_STATES, breached_at__isnull=False)
    rows = Clock.objects.filter(over, subject_kind=subject_kind, subject_id__in=ids)
    # A promise to a fixed instant that ran again, since what had met it was no answer, is decided by its last round alone.
    mine = {name: OuterRef(name) for name in ("subject_kind", "subject_id", "metric", "started_at")}
    again = Clock.objects.filter(**mine, cycle__gt=OuterRef("cycle"))
    rows = rows.filter(Q(target_seconds__isnull=False) | ~Exists(again))
    # Least leaves nulls out: what is not met was decided when it was due.
    return rows.annotate(at=Least("met_at", "due_at"), kept=Q(met_at__isnull=False, met_at__lte=F("due_at")))


def touched_since(subject_kind: str, since: datetime) -> set[int]:
    """Subjects whose clocks something was recorded of since."""
    rows = ClockEvent.objects.filter(recorded_at__gte=since, clock__subject_kind=subject_kind)
    return set(rows.values_list("clock__subject_id", flat=True))


def breached_between(
    subject_kind: str, ids: Iterable[int] | QuerySet[Any, int], since: datetime, until: datetime
) -> int:
    """Of how many of these subjects a promise of a policy, as `decided` counts them, was broken from one instant up to another.
    One query."""
    promised = Clock.objects.filter(
        subject_kind=subject_kind, subject_id__in=ids, metric__in=list(registry.kind_of(subject_kind).metrics)
    )
    rows = promised.filter(breached_at__gte=since, breached_at__lt=until)
    return rows.values("subject_id").distinct().count()
