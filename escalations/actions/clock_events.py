"""What a case hears of its clocks: in sets, in the transaction that wrote them, whatever their number."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection
from django.utils import timezone

from escalations.models import Case
from escalations.queries import KIND
from escalations.queries.promises import dimensions
from sla import queries as clock_queries
from sla.choices import FIRED_KINDS
from sla.registry import Fired

from .events_out import clocks_fired
from .telling import tell_selected

_TICK_SECONDS: Final = 60
_LOCK: Final = "SELECT id FROM escalations_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
# The event is new, so its entry is. Levels and entries read the same events.
_ENTRIES: Final = """
WITH given AS (
  SELECT * FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::int[], %s::int[], %s::bigint[])
    AS g(subject, at, kind, metric, cycle, threshold, event)
), levels AS (
  UPDATE escalations_case AS c SET escalation_level = reached.level
    FROM (SELECT subject, max(threshold) AS level FROM given WHERE kind = 'escalated' GROUP BY subject) AS reached
   WHERE c.id = reached.subject AND c.escalation_level < reached.level
)
INSERT INTO escalations_timelineentry
  (case_id, at, recorded_at, kind, code, params, is_internal, channel, direction, outcome, source_key, clock_event_id)
SELECT subject, at, now(), 'clock', 'clock.' || kind,
       CASE kind WHEN 'warned' THEN jsonb_build_object('metric', metric, 'cycle', cycle, 'percent', threshold)
                 WHEN 'escalated' THEN jsonb_build_object('metric', metric, 'cycle', cycle, 'level', threshold)
                 ELSE jsonb_build_object('metric', metric, 'cycle', cycle) END,
       true, '', '', '', '', event
  FROM given
"""
_TOLD: Final = """
SELECT 'clock:' || event, jsonb_build_object('kind', 'case.clock_' || kind, 'tick', %s, 'key', 'clock:' || event,
                          'case', subject, 'metric', metric, 'threshold', threshold, 'policy_version', policy_version)
  FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[])
    AS g(kind, event, subject, metric, threshold, policy_version)
"""
_KINDS: Final = tuple(f"case.clock_{kind}" for kind in FIRED_KINDS)
# Only rows that differ are written.
_DUE: Final = """
UPDATE escalations_case AS c SET next_due_at = given.due
FROM unnest(%s::bigint[], %s::timestamptz[]) AS given(subject, due)
WHERE c.id = given.subject AND c.next_due_at IS DISTINCT FROM given.due
"""


def lock(ids: Sequence[int]) -> list[int]:
    """Lock these cases in order of their numbers, leaving out those that somebody is working on."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(ids)])
        return [pk for (pk,) in cursor.fetchall()]


def on_events(events: Fired) -> None:
    """Warned, breached, escalated: one timeline entry each, the level, and word to those concerned.

    The due column stays as it is: a clock that fires goes on running towards the same instant.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, events.columns("subject_id", "at", "kind", "metric", "cycle", "threshold", "event_id"))
    facts = events.columns("kind", "event_id", "subject_id", "metric", "threshold", "policy_version_id")
    tell_selected(_KINDS, _TOLD, [_tick(), *facts])
    clocks_fired(events)


def on_due_changed(ids: Sequence[int]) -> None:
    """Keep the column by which the queue is ordered: the earliest due instant of the running clocks, or none."""
    due = clock_queries.earliest_due(KIND, ids)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [list(due), list(due.values())])


def _tick() -> str:
    """Events of one minute are one tick, however many batches they came in: "412 cases breached", not 412 lines."""
    return f"case:{int(timezone.now().timestamp()) // _TICK_SECONDS}"


def dimensions_of(ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    """What a policy may ask of these cases. One query."""
    rows = Case.objects.filter(pk__in=ids).select_related("site").defer("search")
    return {case.pk: dimensions(case) for case in rows}


def state_of(ids: Sequence[int]) -> Mapping[int, str]:
    """Where these cases stand. One query."""
    return dict(Case.objects.filter(pk__in=ids).values_list("pk", "state"))
