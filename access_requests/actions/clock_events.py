"""What items and grants hear of their clocks: in sets, in the transaction that wrote them, whatever their number."""

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import connection

from sla.registry import Fired

from .. import queries
from .telling import AT_RISK, OVERDUE, REMINDER, tell_selected, tick

# Requests first: the order in which everything of this wing is locked.
_LOCK_ITEMS: Final = """
WITH wanted AS (
  SELECT id, request_id FROM access_requests_requestitem WHERE id = ANY (%s)
), locked AS (
  SELECT id FROM access_requests_accessrequest WHERE id IN (SELECT request_id FROM wanted)
   ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
SELECT wanted.id FROM wanted JOIN locked ON locked.id = wanted.request_id ORDER BY wanted.id
"""
_LOCK_GRANTS: Final = (
    "SELECT id FROM access_requests_grant WHERE id = ANY (%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"
)
_ITEM_EVENTS: Final = """
INSERT INTO access_requests_requestevent (request_id, item_id, code, params, at, clock_event_id)
SELECT i.request_id, i.id, 'clock.' || g.metric || '.' || g.kind,
       CASE g.kind WHEN 'warned' THEN jsonb_build_object('percent', g.threshold)
                   WHEN 'escalated' THEN jsonb_build_object('level', g.threshold) ELSE '{}'::jsonb END,
       g.at, g.event
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::int[], %s::bigint[])
       AS g(subject, at, kind, metric, threshold, event)
  JOIN access_requests_requestitem i ON i.id = g.subject
ON CONFLICT (clock_event_id) DO NOTHING
"""
_GRANT_EVENTS: Final = """
INSERT INTO access_requests_requestevent (request_id, item_id, code, params, at, clock_event_id)
SELECT i.request_id, i.id, 'clock.duration.' || g.kind,
       CASE g.kind WHEN 'warned' THEN jsonb_build_object('percent', g.threshold) ELSE '{}'::jsonb END, g.at, g.event
  FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[], %s::int[], %s::bigint[])
       AS g(subject, at, kind, threshold, event)
  JOIN access_requests_grant h ON h.id = g.subject
  JOIN access_requests_requestitem i ON i.id = h.item_id
ON CONFLICT (clock_event_id) DO NOTHING
"""
_TOLD: Final = """
SELECT 'clock:' || event, jsonb_build_object('kind', told, 'tick', %s::text, 'key', 'clock:' || event,
                          'items', jsonb_build_array(subject), 'what', kind, 'level', threshold,
                          'policy_version', policy_version)
  FROM (SELECT g.*, CASE WHEN metric = 'fulfilment' THEN 'access.fulfilment_at_risk' WHEN kind = 'warned' THEN 'access.approval_reminder'
                         ELSE 'access.approval_overdue' END AS told
          FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::bigint[])
               AS g(kind, event, subject, metric, threshold, policy_version)) AS given
"""


def lock_items(ids: Sequence[int]) -> list[int]:
    """Lock the requests of these items in order of their numbers, leaving out busy ones; the items that are held by it."""
    return _locked(_LOCK_ITEMS, ids)


def lock_grants(ids: Sequence[int]) -> list[int]:
    """Lock these grants in order of their ids, leaving out busy ones."""
    return _locked(_LOCK_GRANTS, ids)


def _locked(statement: str, ids: Sequence[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(ids)])
        return [pk for (pk,) in cursor.fetchall()]


def on_item_events(events: Fired) -> None:
    """Warned, breached, escalated: one event of the request each, and word to those concerned."""
    with connection.cursor() as cursor:
        cursor.execute(_ITEM_EVENTS, events.columns("subject_id", "at", "kind", "metric", "threshold", "event_id"))
    facts = events.columns("kind", "event_id", "subject_id", "metric", "threshold", "policy_version_id")
    tell_selected((AT_RISK, REMINDER, OVERDUE), _TOLD, [tick(), *facts])


def on_grant_events(events: Fired) -> None:
    """Access nears or has passed its end: an event of the request that it came from. What to do about it is `expire_due`."""
    with connection.cursor() as cursor:
        cursor.execute(_GRANT_EVENTS, events.columns("subject_id", "at", "kind", "threshold", "event_id"))


def on_due_changed(ids: Sequence[int]) -> None:
    """No column repeats what clocks say: an item's own due instant is what was promised, not when its approval is due."""


def dimensions_of(ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
    """What a policy may ask of these items. One query."""
    return {pk: fact.dimensions for pk, fact in queries.clock_facts(ids).items()}
