"""What a case hears of its clocks: in sets, in the transaction that wrote them, whatever their number."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection
from django.utils import timezone

from escalations.models import Case
from escalations.queries import KIND
from portal.notifications.actions import Emission
from sla import queries as clock_queries
from sla.registry import FiredEvent

from .clocks import dimensions
from .telling import tell_many

_TICK_SECONDS: Final = 60
_LOCK: Final = "SELECT id FROM escalations_case WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
_ENTRIES: Final = """
INSERT INTO escalations_timelineentry
  (case_id, at, recorded_at, kind, code, params, is_internal, channel, direction, outcome, source_key, clock_event_id)
SELECT subject, at, now(), 'clock', 'clock.' || kind,
       jsonb_build_object('metric', metric, 'cycle', cycle) || CASE kind
         WHEN 'warned' THEN jsonb_build_object('percent', threshold)
         WHEN 'escalated' THEN jsonb_build_object('level', threshold) ELSE '{}' END,
       true, '', '', '', '', event
FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::int[], %s::int[], %s::bigint[])
  AS given(subject, at, kind, metric, cycle, threshold, event)
ON CONFLICT (clock_event_id) DO NOTHING
"""
_LEVELS: Final = """
UPDATE escalations_case AS c SET escalation_level = given.level
FROM (SELECT subject, max(level) AS level FROM unnest(%s::bigint[], %s::int[]) AS g(subject, level) GROUP BY subject) AS given
WHERE c.id = given.subject AND c.escalation_level < given.level
"""
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


def on_events(events: Sequence[FiredEvent]) -> None:
    """Warned, breached, escalated: one timeline entry each, the level, and word to those concerned.

    The due column stays as it is: a clock that fires goes on running towards the same instant.
    """
    _write_entries(events)
    _raise_levels(events)
    tick = _tick()
    tell_many([_emission(event, tick) for event in events])


def on_due_changed(ids: Sequence[int]) -> None:
    """Keep the column by which the queue is ordered: the earliest due instant of the running clocks, or none."""
    due = clock_queries.earliest_due(KIND, ids)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [list(due), list(due.values())])


def _write_entries(events: Sequence[FiredEvent]) -> None:
    columns = (
        [event.subject_id for event in events],
        [event.at for event in events],
        [event.kind for event in events],
        [event.metric for event in events],
        [event.cycle for event in events],
        [event.threshold for event in events],
        [event.event_id for event in events],
    )
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, columns)


def _raise_levels(events: Sequence[FiredEvent]) -> None:
    raised = [event for event in events if event.kind == "escalated"]
    if raised:
        with connection.cursor() as cursor:
            cursor.execute(_LEVELS, [[event.subject_id for event in raised], [event.threshold for event in raised]])


def _tick() -> str:
    """Events of one minute are one tick, however many batches they came in: "412 cases breached", not 412 lines."""
    return f"case:{int(timezone.now().timestamp()) // _TICK_SECONDS}"


def _emission(event: FiredEvent, tick: str) -> Emission:
    payload = {
        "case": event.subject_id,
        "metric": event.metric,
        "threshold": event.threshold,
        "policy_version": event.policy_version_id,
    }
    return Emission(kind=f"case.clock_{event.kind}", key=f"clock:{event.event_id}", payload=payload, tick=tick)


def dimensions_of(ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    """What a policy may ask of these cases. One query."""
    rows = Case.objects.filter(pk__in=ids).select_related("site").defer("search")
    return {case.pk: dimensions(case) for case in rows}


def state_of(ids: Sequence[int]) -> Mapping[int, str]:
    """Where these cases stand. One query."""
    return dict(Case.objects.filter(pk__in=ids).values_list("pk", "state"))
