"""Headcount and leavers of sites, day by day."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection

# Employed and placed there: the days that an engagement and a primary placement have in common. Headcounts are running sums of who
# comes and who goes, so that the cost follows the changes and not the people. Somebody leaves with the last day of an engagement, unless
# the same employer goes on employing them.
_DAYS: Final = """
WITH span AS (
    SELECT p.site_id, p.period * e.period AS during
    FROM partners_placement p JOIN partners_engagement e ON e.person_id = p.person_id AND e.period && p.period
    WHERE p.kind = 'primary' AND p.cancelled_at IS NULL
), step AS (
    SELECT site_id, lower(during) AS day, 1 AS change FROM span
    UNION ALL SELECT site_id, upper(during), -1 FROM span WHERE upper(during) IS NOT NULL
), changed AS (
    SELECT site_id, day, sum(change) AS change FROM step GROUP BY 1, 2
), level AS (
    SELECT site_id, day AS since, lead(day) OVER w AS until, sum(change) OVER w AS people
    FROM changed WINDOW w AS (PARTITION BY site_id ORDER BY day)
), gone AS (
    SELECT last.site_id, upper(e.period) - 1 AS day, count(*) AS people
    FROM partners_engagement e CROSS JOIN LATERAL (
        SELECT p.site_id FROM partners_placement p
        WHERE p.person_id = e.person_id AND p.kind = 'primary' AND p.cancelled_at IS NULL AND p.period && e.period
        ORDER BY p.period DESC LIMIT 1
    ) last
    WHERE upper(e.period) IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM partners_engagement n
        WHERE n.person_id = e.person_id AND n.employer_id = e.employer_id AND lower(n.period) = upper(e.period)
    ) GROUP BY 1, 2
), today AS (
    SELECT id AS site_id, (%(now)s AT TIME ZONE time_zone)::date AS day FROM partners_site
)
SELECT l.site_id, d::date, l.people, coalesce(g.people, 0)
FROM level l JOIN today t ON t.site_id = l.site_id
CROSS JOIN LATERAL generate_series(
    greatest(l.since, %(first)s)::timestamp, least(l.until - 1, t.day)::timestamp, interval '1 day'
) d
LEFT JOIN gone g ON g.site_id = l.site_id AND g.day = d::date
ORDER BY 1, 2
"""


class SiteDay(NamedTuple):
    """A site's day: who was employed there at its end, and for how many it was the last one."""

    site_id: int
    day: date
    headcount: int
    leavers: int


def headcount_days(first: date, now: datetime) -> Iterator[SiteDay]:
    """Every site's days from `first` to its today, as far as anybody ever worked there. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"first": first, "now": now})
        yield from (SiteDay(site, day, int(people), gone) for site, day, people, gone in cursor)
