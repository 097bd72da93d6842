"""Drafts of items are written by the database from lists: a request has thousands of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db import connection

from ..models import AccessRequest, RequestItem

_INSERT: Final = """
INSERT INTO access_requests_requestitem (request_id, person_id, entitlement_id, operation, bundle_version_id, ends_at,
    starts_at, due_at, created_at, state, stage, round, verified_how, ticket, failure, generation)
SELECT %(request)s, person, entitlement, operation, bundle, until, %(starts)s, %(due)s, %(at)s, 'draft', 0, 1, '', '', '', 0
FROM unnest(%(people)s::bigint[], %(entitlements)s::bigint[], %(operations)s::text[], %(bundles)s::bigint[],
    %(until)s::timestamptz[]) WITH ORDINALITY AS one(person, entitlement, operation, bundle, until, number)
ORDER BY number
RETURNING id, person_id, entitlement_id, operation, bundle_version_id, starts_at, ends_at, created_at
"""
# What the statement gives back, in the order of the model's columns.
_READ: Final = (
    "id", "person_id", "entitlement_id", "operation", "bundle_version_id", "starts_at", "ends_at", "created_at",
)  # fmt: skip


class Fresh(NamedTuple):
    """One item to be: `until` is when it ends by itself."""

    person_id: int
    entitlement_id: int
    operation: str
    bundle_version_id: int | None
    until: datetime | None


def insert(
    request: AccessRequest, rows: Sequence[Fresh], *, at: datetime, starts_at: datetime | None
) -> list[RequestItem]:
    """Write the drafts of a request in one statement; the items in the order of the rows, with what sending them looks at."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "request": request.pk, "starts": starts_at, "due": request.due_at, "at": at,
                "people": [one.person_id for one in rows], "entitlements": [one.entitlement_id for one in rows],
                "operations": [str(one.operation) for one in rows],
                "bundles": [one.bundle_version_id for one in rows], "until": [one.until for one in rows],
            },
        )  # fmt: skip
        made = cursor.fetchall()
    return [RequestItem.from_db("default", _READ, row) for row in made]
