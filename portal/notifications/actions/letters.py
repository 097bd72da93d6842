"""What administrators do with rows that failed for good."""

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit import actions as audit
from portal.notifications import access
from portal.notifications.choices import State
from portal.notifications.models import OutboxRow
from portal.notifications.registry import watch_of


@transaction.atomic
def retry(*, actor: Actor, row_id: int) -> OutboxRow:
    """Try a dead row again from now on, with all its attempts; whoever watches the letter hears of it. Audited. Raises Http404 if it
    is not dead."""
    found = access.get_dead(actor, row_id)
    watch = watch_of(str(found.payload.get("watch", "")))
    if watch is not None:
        watch.hold(found.idempotency_key)
    row = access.get_dead(actor, row_id, for_update=True)
    failed_after = row.attempts
    row.state, row.attempts, row.next_attempt_at = State.PENDING, 0, timezone.now()
    row.save(update_fields=["state", "attempts", "next_attempt_at"])
    if watch is not None:
        watch.tried_again(row.idempotency_key)
    _record(actor, "outbox.retried", row, failed_after)
    return row


@transaction.atomic
def discard(*, actor: Actor, row_id: int) -> OutboxRow:
    """Put a dead row away; its key stays taken. Audited. Raises Http404 if it is not dead."""
    row = access.get_dead(actor, row_id, for_update=True)
    row.discarded_at = timezone.now()
    row.save(update_fields=["discarded_at"])
    _record(actor, "outbox.discarded", row, row.attempts)
    return row


def _record(actor: Actor, verb: str, row: OutboxRow, attempts: int) -> None:
    changes = {"topic": row.topic, "attempts": attempts}
    audit.record(actor=actor, verb=verb, subject_type="outbox", subject_id=row.pk, changes=changes)
