"""Grants that are there belong to the restriction that stands, unless they were given before it began.

Whoever restricted the case anew, and its owner, kept what they held from before and were given nothing new: theirs stays."""

from typing import Final

from django.db import migrations

#: Reads the few cases with grants, by their entries' index. One statement, so that a restriction that begins meanwhile keeps
#: what is given for it; doing it twice changes nothing.
BACKFILL: Final = """
UPDATE escalations_casegrant AS one SET lifted_at = COALESCE(its.lifted, now())
FROM (
    SELECT held.id, held.sensitivity, held.owner_id, said.begun, said.begun_by, said.lifted
    FROM escalations_case AS held
    CROSS JOIN LATERAL (
        SELECT max(at) FILTER (WHERE params->>'to' = 'restricted') AS begun,
               (array_agg(actor_id ORDER BY at DESC) FILTER (WHERE params->>'to' = 'restricted'))[1] AS begun_by,
               max(at) FILTER (WHERE params->>'from' = 'restricted') AS lifted
        FROM escalations_timelineentry WHERE case_id = held.id AND kind = 'sensitivity'
    ) AS said
    WHERE held.id IN (SELECT case_id FROM escalations_casegrant WHERE lifted_at IS NULL)
) AS its
WHERE one.case_id = its.id AND one.lifted_at IS NULL AND (its.sensitivity <> 'restricted'
  OR (one.starts_at < its.begun AND one.user_id IS DISTINCT FROM its.owner_id AND one.user_id IS DISTINCT FROM its.begun_by))
"""


class Migration(migrations.Migration):
    """After the change of the tables is committed, so that nobody waits for it."""

    dependencies = (("escalations", "0028_grants_of_one_restriction"),)

    operations = (migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),)
