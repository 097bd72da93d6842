"""Try a clock again that the worker put off because it raised."""

import logging
from datetime import datetime
from enum import StrEnum

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from portal.audit.actions import Acts, record
from sla import registry
from sla.actions.ticking import POSTPONED, Due, fire
from sla.models import Clock
from sla.queries.postponed import postponed_clocks

logger = logging.getLogger(__name__)


class Tried(StrEnum):
    """What came of it."""

    DONE = "done"
    FAILED = "failed"
    BUSY = "busy"
    GONE = "gone"


def try_now(*, actor: Acts, clock_id: int, now: datetime | None = None) -> Tried:
    """Fire what a postponed clock has behind it. If it raises again, it is put off again; others are not touched."""
    moment = now or timezone.now()
    found = postponed_clocks().filter(pk=clock_id).first()
    if found is None:
        return Tried.GONE
    try:
        return _try(actor, registry.kind_of(found.subject_kind), found, moment)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        logger.error("clock %s still fails: %s", clock_id, error, exc_info=error)
        _put_off(actor, found.pk, moment, error)
        return Tried.FAILED


@transaction.atomic
def _try(actor: Acts, kind: registry.SubjectKind, found: Clock, now: datetime) -> Tried:
    if not kind.lock([found.subject_id]):
        return Tried.BUSY
    clock = postponed_clocks().select_for_update(no_key=True).filter(pk=found.pk).first()
    if clock is None:
        return Tried.GONE
    planned = clock.plan_at[clock.plan_pos]
    Clock.objects.filter(pk=clock.pk).update(next_event_at=planned, error_count=0, last_error="")
    fire(kind, [Due(clock.pk, clock.subject_id, planned)], now, again=True)
    record(actor=actor, verb="clock.retried", subject_type="clock", subject_id=clock.pk)
    return Tried.DONE


@transaction.atomic
def _put_off(actor: Acts, clock_id: int, now: datetime, error: Exception) -> None:
    clock = postponed_clocks().select_for_update(no_key=True).filter(pk=clock_id).first()
    if clock is None:
        return
    clock.next_event_at = now + POSTPONED
    clock.error_count += 1
    clock.last_error = f"{type(error).__name__}: {error}".replace("\0", "")[:500]
    clock.save(update_fields=["next_event_at", "error_count", "last_error"])
    record(actor=actor, verb="clock.retry_failed", subject_type="clock", subject_id=clock_id)
