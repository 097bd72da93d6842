"""Writes to the audit trail."""

import json
from collections.abc import Mapping
from typing import Final, Protocol

from django.db import connection
from django.utils import timezone

from portal.audit.context import request_id

# Written by the database from two lists: thousands of entries at once cost no model instance each.
_APPEND: Final = """
INSERT INTO audit_auditentry (at, actor_id, on_behalf_of_id, verb, subject_type, subject_id, changes, request_id)
SELECT %(at)s, %(actor)s::bigint, %(behalf)s::bigint, %(verb)s, %(type)s, subject, facts::jsonb, %(request)s
FROM unnest(%(ids)s::bigint[], %(facts)s::text[]) WITH ORDINALITY AS one(subject, facts, number) ORDER BY number
"""


class Acts(Protocol):
    """Whoever acts: a user id (None for the system) and the user stood in for, if any."""

    @property
    def user_id(self) -> int | None: ...

    @property
    def principal_id(self) -> int | None: ...


def record(
    *, actor: Acts, verb: str, subject_type: str, subject_id: int, changes: Mapping[str, object] | None = None
) -> None:
    """Append one entry. `changes` holds codes, ids and numbers only, never free text."""
    record_many(actor=actor, verb=verb, subject_type=subject_type, changes_by_id={subject_id: changes or {}})


def record_many(
    *, actor: Acts, verb: str, subject_type: str, changes_by_id: Mapping[int, Mapping[str, object]]
) -> None:
    """Append one entry per object, in one statement."""
    facts = [json.dumps(dict(one)) for one in changes_by_id.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            _APPEND,
            {
                "ids": list(changes_by_id), "facts": facts, "at": timezone.now(), "verb": verb, "type": subject_type,
                "actor": actor.user_id, "behalf": actor.principal_id, "request": request_id.get(),
            },
        )  # fmt: skip
