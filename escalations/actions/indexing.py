"""Bringing words into the search that were written before it kept them. Everything later is kept by the database itself."""

from collections.abc import Callable, Iterator
from typing import Final

from django.db import connection, transaction

#: So many rows are written in one transaction; nobody who writes waits for longer than one takes.
BATCH: Final = 2_000
_PASSES: Final = 20

# Rows that somebody is changing are left for the next pass: to wait for them could mean to wait for each other.
_CASES: Final = """
WITH held AS MATERIALIZED (
    SELECT c.* FROM escalations_case c
    WHERE c.id BETWEEN %s AND %s AND NOT EXISTS (SELECT FROM escalations_casewords w WHERE w.case_id = c.id AND w.entry_id IS NULL)
    ORDER BY c.id FOR SHARE OF c SKIP LOCKED
)
INSERT INTO escalations_casewords (case_id, is_internal, words, handle)
SELECT c.id, false, coalesce(strip(c.search), '') || escalations_words(c.contact_hint) || '@p'
    || escalations_marks(c.id, c.service_id, c.site_id, c.raised_by_id, c.state), lower(c.customer_ref || ' ' || c.contact_hint)
FROM held c ON CONFLICT DO NOTHING
"""
_ENTRIES: Final = """
WITH held AS MATERIALIZED (
    SELECT e.id AS entry_id, e.is_internal, b.text, c.id, c.service_id, c.site_id, c.raised_by_id, c.state
    FROM escalations_entrybody b JOIN escalations_timelineentry e ON e.id = b.entry_id JOIN escalations_case c ON c.id = e.case_id
    WHERE b.id BETWEEN %s AND %s AND b.redacted_at IS NULL
        AND NOT EXISTS (SELECT FROM escalations_casewords w WHERE w.entry_id = b.entry_id)
    ORDER BY b.id FOR SHARE OF b, c SKIP LOCKED
)
INSERT INTO escalations_casewords (case_id, entry_id, is_internal, words, handle)
SELECT h.id, h.entry_id, h.is_internal, escalations_words(h.text) || CASE WHEN h.is_internal THEN '' ELSE '@p' END::tsvector
    || escalations_marks(h.id, h.service_id, h.site_id, h.raised_by_id, h.state), ''
FROM held h ON CONFLICT DO NOTHING
"""
_MISSING: Final = """
SELECT EXISTS (
    SELECT FROM escalations_case c
    WHERE NOT EXISTS (SELECT FROM escalations_casewords w WHERE w.case_id = c.id AND w.entry_id IS NULL)
) OR EXISTS (
    SELECT FROM escalations_entrybody b
    WHERE b.redacted_at IS NULL AND NOT EXISTS (SELECT FROM escalations_casewords w WHERE w.entry_id = b.entry_id)
)
"""
_PARTS: Final = (
    ("SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM escalations_case", _CASES),
    ("SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM escalations_entrybody", _ENTRIES),
)


def index_words(*, batch: int = BATCH, on_done: Callable[[int], object] = lambda added: None) -> tuple[int, bool]:
    """Index what is not indexed yet, in short transactions; how many rows were added, and whether nothing is missing now.

    Safe to run at any time, twice or at once with others, and to stop: the next run goes on where this one ended.
    """
    added = 0
    for _pass in range(_PASSES):
        for ends, statement in _PARTS:
            for low, high in _ranges(ends, batch):
                done = _batch(statement, low, high)
                added += done
                on_done(done)
        if not _missing():
            return added, True
    return added, False


def _ranges(ends: str, batch: int) -> Iterator[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(ends)
        low, last = cursor.fetchall()[0]
    while low <= last:
        yield low, low + batch - 1
        low += batch


@transaction.atomic
def _batch(statement: str, low: int, high: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, [low, high])
        return int(cursor.rowcount)


def _missing() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_MISSING)
        return bool(cursor.fetchall()[0][0])
