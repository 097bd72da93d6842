"""The statement by which cases are counted. Names of sites, zones and people are read here as they are, because it works on sets."""

from typing import Final

# What sensitive cases are about must not be told by a figure either, so only standard ones count. A merged case is no matter of its own
# and a rejected one no escalation; promises that were kept or broken before that stay what they were. A case is solved whenever somebody
# resolves it (an imported one: when its source says so, which its reopening keeps), and counts as reopened on the day on which it was solved.
# Only what differs is written, and what comes back are the site's days that it touches.
RECOUNT: Final = """
WITH chosen AS (
    SELECT c.id, c.site_id, c.state, c.opened_at, c.resolved_at, u.person_id, s.time_zone
    FROM escalations_case c JOIN partners_site s ON s.id = c.site_id LEFT JOIN accounts_user u ON u.id = c.raised_by_id
    WHERE c.id = ANY (%(ids)s) AND c.sensitivity = 'standard'
), step AS (
    SELECT case_id, at, params ->> 'verb' AS verb, (params ->> 'resolved_at')::timestamptz AS solved_at FROM escalations_timelineentry
    WHERE case_id = ANY (%(ids)s) AND code = 'state.changed' AND params ->> 'verb' IN ('resolve', 'reopen')
), solve AS (
    SELECT case_id, at FROM step WHERE verb = 'resolve'
    UNION SELECT case_id, solved_at FROM step WHERE solved_at IS NOT NULL
    UNION SELECT id, resolved_at FROM chosen WHERE resolved_at IS NOT NULL
), reopened AS (
    SELECT v.case_id, v.at FROM solve v WHERE EXISTS (
        SELECT 1 FROM step r WHERE r.case_id = v.case_id AND r.verb = 'reopen'
            AND r.at >= v.at AND r.at <= v.at + make_interval(days => %(window)s))
), promise AS (
    SELECT * FROM unnest(%(promised)s::bigint[], %(decided)s::timestamptz[], %(kept)s::boolean[]) AS p (case_id, at, kept)
), counted AS (
    SELECT id AS case_id, opened_at AS at, 'escalated' AS component FROM chosen WHERE state NOT IN ('merged', 'rejected')
    UNION ALL SELECT v.case_id, v.at, 'solved' FROM solve v JOIN chosen c ON c.id = v.case_id WHERE c.state <> 'merged'
    UNION ALL SELECT r.case_id, r.at, 'reopened' FROM reopened r JOIN chosen c ON c.id = r.case_id WHERE c.state <> 'merged'
    UNION ALL SELECT case_id, at, 'sla_due' FROM promise
    UNION ALL SELECT case_id, at, 'sla_met' FROM promise WHERE kept
), fresh AS (
    SELECT c.id AS case_id, c.site_id, c.person_id, (k.at AT TIME ZONE c.time_zone)::date AS day, k.component, count(*) AS value
    FROM counted k JOIN chosen c ON c.id = k.case_id GROUP BY 1, 2, 3, 4, 5
), gone AS (
    DELETE FROM escalations_casecount o WHERE o.case_id = ANY (%(ids)s) AND NOT EXISTS (
        SELECT 1 FROM fresh f WHERE f.case_id = o.case_id AND f.component = o.component AND f.day = o.day)
    RETURNING site_id, day
), put AS (
    INSERT INTO escalations_casecount AS o (case_id, site_id, person_id, day, component, value)
    SELECT case_id, site_id, person_id, day, component, value FROM fresh
    ON CONFLICT (case_id, component, day)
        DO UPDATE SET site_id = excluded.site_id, person_id = excluded.person_id, value = excluded.value
        WHERE (o.site_id, o.person_id, o.value) IS DISTINCT FROM (excluded.site_id, excluded.person_id, excluded.value)
    RETURNING site_id, day
)
SELECT site_id, day FROM gone UNION SELECT site_id, day FROM put
"""
