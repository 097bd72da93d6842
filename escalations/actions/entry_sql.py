"""Writing one entry of the stream and its words in one statement, without the cost of two model inserts."""

import json
from typing import Final

from django.db import connection

from escalations.models import TimelineEntry

_INSERT: Final = """
WITH entry AS (
  INSERT INTO escalations_timelineentry
    (case_id, at, recorded_at, kind, code, params, actor_id, on_behalf_of_id, is_internal, channel, direction, outcome,
     clock_event_id, source_key)
  VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s, %s)
  RETURNING id
), body AS (
  INSERT INTO escalations_entrybody (entry_id, text) SELECT id, asked.text FROM entry, (SELECT %s AS text) AS asked WHERE asked.text <> ''
)
SELECT id, EXISTS (SELECT FROM escalations_casesubscription WHERE is_on) FROM entry
"""


def insert_entry(entry: TimelineEntry, text: str) -> bool:
    """Write an entry that has no id yet, and its words unless they are empty; the entry gets its id. Whether other systems
    listen to any case."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                entry.case_id, entry.at, entry.recorded_at, str(entry.kind), entry.code, json.dumps(entry.params),
                entry.actor_id, entry.on_behalf_of_id, entry.is_internal, str(entry.channel), str(entry.direction),
                str(entry.outcome), entry.clock_event_id, entry.source_key, text,
            ],
        )  # fmt: skip
        [(entry.pk, listened)] = cursor.fetchall()
    entry._state.adding = False
    return bool(listened)
