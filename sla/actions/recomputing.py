"""Bring open clocks under changed policies and calendars, batch by batch.

A batch holds its job's row, so two workers never share a job, and moves the cursor in the transaction that moves the
clocks: a worker may die anywhere and the next one goes on from there.
"""

from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.audit.actions import Acts
from sla import registry
from sla.actions.clocks import recompute_many
from sla.actions.ledger import Ledger
from sla.choices import OPEN_STATES, JobState
from sla.models import Clock, Recompute
from sla.queries.rulebook import rulebook

_BATCH: Final = 500


def schedule(
    *, actor: Acts, subject_kind: str, calendar_id: int | None = None, policy_id: int | None = None
) -> Recompute:
    """Leave it to a worker to recompute the kind's open clocks, or only those on one calendar."""
    return Recompute.objects.create(
        subject_kind=subject_kind, calendar_id=calendar_id, policy_id=policy_id, created_by_id=actor.user_id
    )


def run_pending(*, budget_seconds: float = 60.0, batch: int = _BATCH) -> int:
    """Work on pending jobs until all are done or busy, or the budget is used up. How many due instants moved."""
    began, moved = monotonic(), 0
    while monotonic() - began < budget_seconds:
        step = _step(batch)
        if step is None:
            break
        moved += step
    return moved


def _step(batch: int) -> int | None:
    """One batch of the oldest free job; None if there is none, or if all that is left of it is busy."""
    with transaction.atomic():
        job = (
            Recompute.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .filter(state=JobState.PENDING, subject_kind__in=[kind.key for kind in registry.kinds()])
            .order_by("pk")
            .first()
        )
        if job is None:
            return None
        ids = list(_ahead(job)[:batch])
        again = not ids
        free = registry.kind_of(job.subject_kind).lock(ids or sorted(job.skipped))
        if again and job.skipped and not free:
            return None
        moved = _recompute(job.subject_kind, free) if free else 0
        busy = set(ids or job.skipped) - set(free)
        job.skipped = sorted(busy if again else {*job.skipped, *busy})
        job.cursor = max([job.cursor, *ids])
        job.visited += len(free)
        job.moved += moved
        if again and not busy:
            job.state, job.finished_at = JobState.DONE, timezone.now()
        job.save(update_fields=["skipped", "cursor", "visited", "moved", "state", "finished_at"])
        return moved


def _ahead(job: Recompute) -> QuerySet[Clock, int]:
    """Ids of the job's subjects behind the cursor, in order."""
    scope = Q(calendar_version__calendar=job.calendar_id) if job.calendar_id else Q(policy_version__isnull=False)
    return (
        Clock.objects.filter(scope, subject_kind=job.subject_kind, state__in=OPEN_STATES, subject_id__gt=job.cursor)
        .order_by("subject_id")
        .values_list("subject_id", flat=True)
        .distinct()
    )


def _recompute(subject_kind: str, ids: list[int]) -> int:
    kind = registry.kind_of(subject_kind)
    clocks = Clock.objects.filter(subject_kind=subject_kind, subject_id__in=ids, state__in=OPEN_STATES)
    return recompute_many(
        Ledger(SYSTEM, subject_kind),
        rulebook(subject_kind),
        list(clocks.order_by("pk").select_for_update(no_key=True)),
        dimensions=kind.dimensions_of(ids),
        states=kind.state_of(ids),
        at=timezone.now(),
    )
