"""Events that a worker will hand round to whoever they concern."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection

from portal.notifications.actions.silence import is_silent
from portal.notifications.choices import Topic
from portal.notifications.delivery.outbox import NewRow, enqueue
from portal.notifications.registry import require_kind

_SELECTED: Final = """
INSERT INTO notifications_outboxrow (topic, idempotency_key, payload)
SELECT %s, given.key, given.payload FROM ({select}) AS given(key, payload)
ON CONFLICT (idempotency_key) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Emission:
    """One event: its kind, a key that no other event has, the tick it belongs to, and its facts (JSON values).

    All events of a kind and tick reach a person as one notification. An event outside a tick takes its key as tick.
    """

    kind: str
    key: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    tick: str = ""


def emit(rows: Sequence[Emission]) -> None:
    """Queue events in the caller's transaction, in one statement; a key that is queued or done already is skipped.

    The kind's resolver gets each payload with "kind", "tick" and "key" added. Raises ValueError for an unknown kind
    and for one without a resolver.
    """
    _require_resolvers({row.kind for row in rows})
    if not is_silent():
        enqueue(Topic.FANOUT, [NewRow(row.key, _facts(row)) for row in rows])


def emit_selected(kinds: Collection[str], select: str, params: Sequence[Any]) -> None:
    """Queue what a SELECT gives, as `emit` would, without the rows ever being objects.

    It has two columns: the event's key, and a JSON object of its facts and "kind" (one of `kinds`), "tick" and "key".
    `select` is SQL from the code, never from a user.
    """
    _require_resolvers(kinds)
    with connection.cursor() as cursor:
        cursor.execute(_SELECTED.format(select=select), [Topic.FANOUT, *params])


def _require_resolvers(kinds: Collection[str]) -> None:
    for key in kinds:
        if require_kind(key).resolve is None:
            raise ValueError(f"notification kind {key!r} has no resolver")


def _facts(row: Emission) -> dict[str, Any]:
    return {**row.payload, "kind": row.kind, "tick": row.tick or row.key, "key": row.key}
