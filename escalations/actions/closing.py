"""Resolved cases close themselves after a week."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from escalations.choices import SELF_CLOSE_DAYS
from escalations.models import TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.audit import actions as audit

from .events_out import anybody_listens, entries_written
from .overtaking import end_talks

BATCH = 1000
# A case that somebody is working on at this moment is left to the next run.
_CLOSE = """
WITH due AS (
  SELECT id, resolved_at + %(after)s::interval AS at FROM escalations_case
  WHERE state = 'resolved' AND resolved_at <= %(now)s - %(after)s::interval
  ORDER BY resolved_at, id LIMIT %(batch)s FOR NO KEY UPDATE SKIP LOCKED
), closed AS (
  UPDATE escalations_case AS c SET state = 'closed', closed_at = due.at, version = c.version + 1,
         updated_at = GREATEST(c.updated_at, due.at)
  FROM due WHERE c.id = due.id RETURNING c.id, due.at
), told AS (
  INSERT INTO escalations_timelineentry
    (case_id, at, recorded_at, kind, code, params, is_internal, channel, direction, outcome, source_key)
  SELECT id, at, %(now)s, 'state', 'state.changed',
         '{"verb": "close", "from": "resolved", "to": "closed", "auto": true}'::jsonb, false, '', '', '', ''
  FROM closed RETURNING id, case_id
)
SELECT case_id, id FROM told ORDER BY case_id
"""


def close_resolved(*, now: datetime | None = None) -> int:
    """Close what was resolved 7 days ago or earlier, at the instant at which it was due to close. Returns how many.

    Batches commit one by one; running it twice, or twice at once, closes each case once.
    """
    moment = now or timezone.now()
    total = 0
    while (closed := _batch(moment)) > 0:
        total += closed
    return total


def _batch(now: datetime) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLOSE, {"now": now, "after": f"{SELF_CLOSE_DAYS} days", "batch": BATCH})
            closed = dict(cursor.fetchall())
        end_talks(list(closed), now)
        changes = {"from": "resolved", "to": "closed", "auto": True}
        audit.record_many(
            actor=SYSTEM, verb="case.close", subject_type="case", changes_by_id=dict.fromkeys(closed, changes)
        )
        if anybody_listens():
            entries_written(list(TimelineEntry.objects.filter(pk__in=closed.values()).order_by("pk")))
    return len(closed)
