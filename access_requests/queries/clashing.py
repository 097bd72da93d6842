"""Who holds both sides of a conflict rule, found from the rules, which are few."""

from typing import TYPE_CHECKING, Final

from django.db import connection
from django.db.models.expressions import RawSQL

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from partners.models import Person

#: People named one by one; more of them are so many that walking everybody by name finds a page soon.
MOST: Final = 1_000
#: A side that so many hold is large.
LARGE: Final = 1_000
# A side that few hold is walked person by person, however many hold the other one. Where both are large, the two
# are merged in the order of their index; OFFSET 0 keeps each as it is written.
_CLASHING: Final = """
WITH sized AS MATERIALIZED (
    SELECT r.id, r.left_id, r.right_id,
        (SELECT count(*) FROM (SELECT FROM access_requests_grant g
            WHERE g.entitlement_id = r.left_id AND g.ended_at IS NULL LIMIT %s) few) AS lefts,
        (SELECT count(*) FROM (SELECT FROM access_requests_grant g
            WHERE g.entitlement_id = r.right_id AND g.ended_at IS NULL LIMIT %s) few) AS rights
    FROM access_requests_sodrule r WHERE r.archived_at IS NULL
), pair AS (
    SELECT s.id AS rule_id, one.person_id FROM sized s JOIN access_requests_grant one
        ON one.entitlement_id = CASE WHEN s.lefts <= s.rights THEN s.left_id ELSE s.right_id END AND one.ended_at IS NULL
    WHERE least(s.lefts, s.rights) < %s AND EXISTS (
        SELECT FROM access_requests_grant other WHERE other.person_id = one.person_id AND other.ended_at IS NULL
        AND other.entitlement_id = CASE WHEN s.lefts <= s.rights THEN s.right_id ELSE s.left_id END OFFSET 0)
    UNION ALL
    SELECT s.id, held.person_id FROM sized s CROSS JOIN LATERAL (
        SELECT one.person_id FROM access_requests_grant one JOIN access_requests_grant other USING (person_id)
        WHERE one.entitlement_id = s.left_id AND one.ended_at IS NULL
        AND other.entitlement_id = s.right_id AND other.ended_at IS NULL OFFSET 0) held
    WHERE least(s.lefts, s.rights) >= %s
), found AS MATERIALIZED (
    SELECT DISTINCT person_id FROM pair WHERE NOT EXISTS (
        SELECT FROM access_requests_sodexception e WHERE e.rule_id = pair.rule_id AND e.person_id = pair.person_id
        AND e.ended_at IS NULL AND e.starts_at <= now() AND e.ends_at > now())
) SELECT person_id FROM found
"""


def in_conflict(people: "QuerySet[Person]") -> "QuerySet[Person]":
    """Those of the people who hold both sides of a rule without an exception in force. Asks for their ids at once: a query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_CLASHING} LIMIT %s", [*[LARGE] * 4, MOST + 1])
        ids = [pk for (pk,) in cursor.fetchall()]
    if len(ids) <= MOST:
        return people.filter(pk__in=ids)
    return people.filter(pk__in=RawSQL(_CLASHING, [LARGE] * 4))  # noqa: S611 - a constant
