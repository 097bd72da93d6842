"""A temporary table with the rows of one roster, and who in the directory each of them is about."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import batched
from typing import Any, Final

from django.db import connection

from ..models import Roster
from ..rules.rosters import Fault
from .parsing import Understood

BATCH: Final = 2000
COLUMNS: Final = "row, key, email, name, lead, said, cells, fault_field, fault, fault_params, decision, decided_id"
TABLE: Final = """
CREATE TEMPORARY TABLE roster_stage (
    row integer PRIMARY KEY, key text, email text, name text, lead text, said text, cells text,
    fault_field text, fault text, fault_params text, decision text, decided_id bigint,
    person_id bigint, matched text, candidates bigint[] NOT NULL DEFAULT '{}'
)
"""


@dataclass(frozen=True, slots=True)
class Staged:
    """One row of the file on its way into the table."""

    row: int
    understood: Understood
    cells: dict[str, str]
    decision: str = ""
    decided_id: int | None = None


def stage(rows: Iterable[Staged]) -> int:
    """Fill the table; how many rows there are."""
    count = 0
    with connection.cursor() as cursor:
        drop(cursor)
        cursor.execute(TABLE)
        # Rows may come from the same connection, which does nothing else while it copies.
        for batch in batched(rows, BATCH):
            with cursor.copy(f"COPY roster_stage ({COLUMNS}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(_record(row))
            count += len(batch)
        cursor.execute("CREATE INDEX ON roster_stage (lower(key))")
        cursor.execute("CREATE INDEX ON roster_stage (email)")
        cursor.execute("CREATE INDEX ON roster_stage (partners_same_name(name))")
        cursor.execute("ANALYZE roster_stage")
    return count


def drop(cursor: Any) -> None:
    """Give the space of the temporary tables back."""
    cursor.execute("DROP TABLE IF EXISTS roster_stage, roster_people, roster_lead")


def _record(row: Staged) -> tuple[Any, ...]:
    said, fault = row.understood.said, row.understood.fault or Fault("", "")
    return (
        row.row,
        said.get("key", ""),
        said.get("email", "").lower(),
        said.get("name", ""),
        said.get("lead", ""),
        json.dumps(said),
        json.dumps(row.cells),
        fault.field,
        fault.code,
        json.dumps(dict(fault.params)),
        row.decision,
        row.decided_id,
    )


def match(roster: Roster, *, by_number: bool) -> None:
    """Find the person, the candidates and the lead of every row, and what speaks against it."""
    asked: dict[str, Any] = {
        "site": roster.site_id,
        "partner": roster.site.partner_id,
        "day": roster.as_of,
        "source": roster.source,
    }
    with connection.cursor() as cursor:
        for statement in (REPEATED_KEY, REPEATED_EMAIL, PEOPLE, PEOPLE_INDEX):
            cursor.execute(statement, asked)
        for statement in (DECIDED, BY_NUMBER if by_number else BY_ID, BY_EMAIL):
            cursor.execute(statement, asked)
        for statement in (EMAIL_TAKEN, OTHER_NUMBER if by_number else OTHER_ID, TWICE, CANDIDATES):
            cursor.execute(statement, asked)
        for statement in (LEADS, LEADS_AMBIGUOUS, LEADS_LEAVING, LEADS_UNKNOWN):
            cursor.execute(statement, asked)


REPEATED_KEY: Final = """
UPDATE roster_stage s SET fault_field = 'key', fault = 'repeated_key',
    fault_params = json_build_object('row', d.first, 'value', s.key)::text
FROM (SELECT row, min(row) OVER (PARTITION BY lower(key)) AS first FROM roster_stage WHERE key <> '') d
WHERE s.row = d.row AND d.first < s.row AND s.fault = ''
"""
REPEATED_EMAIL: Final = """
UPDATE roster_stage s SET fault_field = 'email', fault = 'repeated_email',
    fault_params = json_build_object('row', d.first, 'value', s.email)::text
FROM (SELECT row, min(row) OVER (PARTITION BY email) AS first FROM roster_stage WHERE email <> '') d
WHERE s.row = d.row AND d.first < s.row AND s.fault = ''
"""
PEOPLE: Final = """
CREATE TEMPORARY TABLE roster_people AS
SELECT p.id, p.name, lower(p.email) AS email, partners_same_name(p.name) AS same, partners_same_name(p.preferred_name) AS called,
    here.here, here.loan
FROM (
    SELECT person_id, bool_or(period @> %(day)s::date) AS here,
        bool_or(period @> %(day)s::date AND kind = 'loan') AS loan
    FROM partners_placement WHERE site_id = %(site)s AND cancelled_at IS NULL GROUP BY person_id
) here JOIN partners_person p ON p.id = here.person_id
"""
PEOPLE_INDEX: Final = "CREATE INDEX ON roster_people (same); CREATE INDEX ON roster_people (id); ANALYZE roster_people"
DECIDED: Final = "UPDATE roster_stage SET person_id = decided_id, matched = 'decision' WHERE decision = 'same'"
BY_ID: Final = """
UPDATE roster_stage s SET person_id = x.person_id, matched = 'key' FROM partners_externalid x
WHERE s.person_id IS NULL AND x.source = %(source)s AND x.value = s.key AND s.key <> ''
"""
# A number may have belonged to somebody else long ago: the latest holder is meant.
BY_NUMBER: Final = """
UPDATE roster_stage s SET person_id = e.person_id, matched = 'key' FROM (
    SELECT DISTINCT ON (lower(employee_number)) lower(employee_number) AS number, person_id
    FROM partners_engagement WHERE employer_id = %(partner)s AND employee_number <> ''
    ORDER BY lower(employee_number), period DESC
) e WHERE s.person_id IS NULL AND e.number = lower(s.key) AND s.key <> ''
"""
BY_EMAIL: Final = """
UPDATE roster_stage s SET person_id = p.id, matched = 'email' FROM partners_person p
WHERE s.person_id IS NULL AND lower(p.email) = s.email AND s.email <> '' AND s.decision <> 'new'
"""
EMAIL_TAKEN: Final = """
UPDATE roster_stage s SET fault_field = 'email', fault = 'email_taken' FROM partners_person p
WHERE s.fault = '' AND s.email <> '' AND lower(p.email) = s.email AND p.id IS DISTINCT FROM s.person_id
"""
# The same address under another id and another name may be somebody else's: that is for people to say. Who was never at the
# site is not shown to it.
OTHER_ID: Final = """
UPDATE roster_stage s SET person_id = CASE WHEN h.id IS NULL THEN s.person_id END,
    candidates = CASE WHEN h.id IS NULL THEN '{}' ELSE ARRAY[p.id] END,
    fault_field = CASE WHEN h.id IS NULL THEN 'email' ELSE '' END,
    fault = CASE WHEN h.id IS NULL THEN 'email_of_other_key' ELSE '' END
FROM partners_person p LEFT JOIN roster_people h ON h.id = p.id
WHERE s.fault = '' AND s.matched = 'email' AND s.key <> '' AND p.id = s.person_id AND s.name <> ''
    AND partners_same_name(p.name) <> partners_same_name(s.name)
    AND EXISTS (SELECT 1 FROM partners_externalid x WHERE x.person_id = p.id AND x.source = %(source)s)
"""
OTHER_NUMBER: Final = """
UPDATE roster_stage s SET person_id = CASE WHEN h.id IS NULL THEN s.person_id END,
    candidates = CASE WHEN h.id IS NULL THEN '{}' ELSE ARRAY[p.id] END,
    fault_field = CASE WHEN h.id IS NULL THEN 'email' ELSE '' END,
    fault = CASE WHEN h.id IS NULL THEN 'email_of_other_key' ELSE '' END
FROM partners_person p LEFT JOIN roster_people h ON h.id = p.id
WHERE s.fault = '' AND s.matched = 'email' AND s.key <> '' AND p.id = s.person_id AND s.name <> ''
    AND partners_same_name(p.name) <> partners_same_name(s.name)
    AND EXISTS (
        SELECT 1 FROM partners_engagement e WHERE e.person_id = p.id AND e.employee_number <> ''
            AND lower(e.employee_number) <> lower(s.key)
    )
"""
TWICE: Final = """
UPDATE roster_stage s SET fault_field = 'key', fault = 'same_person_twice',
    fault_params = json_build_object('row', d.first)::text
FROM (SELECT row, min(row) OVER (PARTITION BY person_id) AS first FROM roster_stage WHERE person_id IS NOT NULL) d
WHERE s.row = d.row AND d.first < s.row AND s.fault = ''
"""
CANDIDATES: Final = """
UPDATE roster_stage s SET candidates = c.ids FROM (
    SELECT r.row, array_agg(DISTINCT p.id ORDER BY p.id) AS ids
    FROM roster_stage r JOIN roster_people p ON p.same = partners_same_name(r.name)
    WHERE r.person_id IS NULL AND r.decision = '' AND r.fault = '' AND r.name <> '' AND r.candidates = '{}'
        AND NOT EXISTS (SELECT 1 FROM roster_stage o WHERE o.person_id = p.id)
    GROUP BY r.row
) c WHERE s.row = c.row
"""

# Who a lead's name, address or number may mean: first by number or address, then by name among the rows, then among
# those who are at the site. `who` is a person's id, or minus the row of somebody who is not on file yet.
LEADS: Final = """
CREATE TEMPORARY TABLE roster_lead AS
WITH asked AS (SELECT DISTINCT lead FROM roster_stage WHERE lead <> ''),
keyed AS (SELECT lead, partners_same_name(lead) AS same FROM asked),
here AS (
    SELECT p.*, NOT p.loan AND p.id NOT IN (SELECT person_id FROM roster_stage WHERE person_id IS NOT NULL) AS leaving
    FROM roster_people p WHERE p.here
),
found AS (
    SELECT k.lead, coalesce(s.person_id, -s.row) AS who, s.name, s.key, 1 AS rank, false AS leaving
    FROM keyed k JOIN roster_stage s ON lower(s.key) = lower(k.lead)
    UNION ALL
    SELECT k.lead, coalesce(s.person_id, -s.row), s.name, s.key, 1, false
    FROM keyed k JOIN roster_stage s ON s.email = lower(k.lead)
    UNION ALL
    SELECT k.lead, coalesce(s.person_id, -s.row), s.name, s.key, 2, false
    FROM keyed k JOIN roster_stage s ON partners_same_name(s.name) = k.same
    UNION ALL
    SELECT k.lead, p.id, p.name, '', 3, p.leaving
    FROM keyed k JOIN (
        SELECT id, name, leaving, same FROM here UNION ALL SELECT id, name, leaving, called FROM here
    ) p ON p.same = k.same
    UNION ALL
    SELECT k.lead, p.id, p.name, '', 3, p.leaving FROM keyed k JOIN here p ON p.email = lower(k.lead)
),
best AS (SELECT f.*, min(rank) OVER (PARTITION BY lead) AS least FROM found f)
SELECT k.lead, k.same, min(b.who) AS who, count(DISTINCT b.who) AS number, bool_and(b.leaving) AS leaving, min(b.name) AS name,
    string_agg(DISTINCT b.name || CASE WHEN b.key <> '' THEN ' (' || b.key || ')' ELSE '' END, ', ') AS labels
FROM keyed k LEFT JOIN best b ON b.lead = k.lead AND b.rank = b.least GROUP BY k.lead, k.same
"""
LEADS_AMBIGUOUS: Final = """
UPDATE roster_stage s SET fault_field = 'lead', fault = 'lead_ambiguous',
    fault_params = json_build_object('value', s.lead, 'candidates', left(l.labels, 400))::text
FROM roster_lead l WHERE l.lead = s.lead AND s.fault = '' AND l.number > 1
"""
LEADS_LEAVING: Final = """
UPDATE roster_stage s SET fault_field = 'lead', fault = 'lead_leaves', fault_params = json_build_object('value', s.lead)::text
FROM roster_lead l WHERE l.lead = s.lead AND s.fault = '' AND l.number = 1 AND l.leaving
"""
LEADS_UNKNOWN: Final = """
WITH elsewhere AS MATERIALIZED (
    SELECT partners_same_name(p.name) AS same, lower(p.email) AS email
    FROM partners_person p JOIN partners_placement pl ON pl.person_id = p.id JOIN partners_site si ON si.id = pl.site_id
    WHERE pl.cancelled_at IS NULL AND pl.period @> %(day)s::date AND si.partner_id = %(partner)s AND si.id <> %(site)s
        AND EXISTS (SELECT 1 FROM roster_lead WHERE number = 0)
)
UPDATE roster_stage s SET fault_field = 'lead', fault_params = json_build_object('value', s.lead)::text,
    fault = CASE WHEN l.same IN (SELECT same FROM elsewhere) OR lower(l.lead) IN (SELECT email FROM elsewhere)
        THEN 'lead_at_another_site' ELSE 'lead_unknown' END
FROM roster_lead l WHERE l.lead = s.lead AND s.fault = '' AND l.number = 0
"""
