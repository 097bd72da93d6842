"""Who was where on a day, and how many came and went, month by month."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db import connection

from portal.accounts.rules import Actor

from ..models import Leave, Person, Placement, Site, Team
from .details import in_force
from .scope import placements_visible_to

MONTHS: Final = 12
_ONE_DAY: Final = timedelta(days=1)
# A member of a month's headcount is employed and placed there; a leaver is one whose engagement ends in the month.
MOVEMENT: Final = """
WITH months AS (
    SELECT m::date AS first, (m + interval '1 month')::date AS next
    FROM generate_series(date_trunc('month', %(until)s::timestamp) - make_interval(months => %(months)s - 1),
        date_trunc('month', %(until)s::timestamp), interval '1 month') m
), there AS (
    SELECT p.site_id, p.person_id, p.period, e.period AS employed FROM partners_placement p
    JOIN partners_engagement e ON e.person_id = p.person_id AND e.period @> p.period
    WHERE p.site_id = ANY(%(sites)s) AND p.kind = 'primary' AND p.cancelled_at IS NULL
)
SELECT s.id, m.first,
    count(DISTINCT t.person_id) FILTER (WHERE t.period @> m.first) AS at_start,
    count(DISTINCT t.person_id) FILTER (WHERE t.period @> m.next) AS at_end,
    count(DISTINCT t.person_id) FILTER (WHERE lower(t.employed) >= m.first AND lower(t.employed) < m.next
        AND lower(t.period) = lower(t.employed)) AS joined,
    count(DISTINCT t.person_id) FILTER (WHERE upper(t.employed) > m.first AND upper(t.employed) <= m.next
        AND upper(t.period) = upper(t.employed)) AS gone
FROM unnest(%(sites)s::bigint[]) AS s(id) CROSS JOIN months m
LEFT JOIN there t ON t.site_id = s.id AND t.period && daterange(m.first - 1, m.next, '[]')
GROUP BY s.id, m.first ORDER BY s.id, m.first DESC
"""


@dataclass(frozen=True, slots=True)
class Month:
    """A month's movement at a site. Attrition is leavers over the mean of the headcounts at its ends, in percent."""

    first: date
    at_start: int
    at_end: int
    joined: int
    left: int

    @property
    def average(self) -> float:
        """The denominator of the attrition."""
        return (self.at_start + self.at_end) / 2

    @property
    def attrition(self) -> float | None:
        """In percent of the month, not of a year; None without people."""
        return 100 * self.left / self.average if self.average else None


def movement(site: Site, until: date, months: int = MONTHS) -> list[Month]:
    """The last months of a site, the newest first; the running one counts up to its end as known now. One query."""
    return movements([site.pk], until, months)[site.pk]


def movements(site_ids: Collection[int], until: date, months: int = MONTHS) -> dict[int, list[Month]]:
    """`movement` of several sites. One query."""
    found: dict[int, list[Month]] = {site: [] for site in site_ids}
    with connection.cursor() as cursor:
        cursor.execute(MOVEMENT, {"sites": list(found), "until": until, "months": months})
        for site, *row in cursor.fetchall():
            found[site].append(Month(*row))
    return found


def team_on(actor: Actor, team: Team, day: date) -> list[Placement]:
    """Who was in a team on a day, loans included, by name; one query. Nobody where the actor may not see people."""
    return _on(actor, day, team=team)


def roster_on(actor: Actor, site: Site, day: date) -> list[Placement]:
    """Who was at a site on a day, loans included, by name; one query. Nobody where the actor may not see people."""
    return _on(actor, day, site=site)


def _on(actor: Actor, day: date, **where: object) -> list[Placement]:
    rows = placements_visible_to(actor).filter(in_force(day), **where)
    return list(rows.select_related("person", "job_role", "lead", "team", "programme").order_by("person__name", "id"))


def on_leave(people: list[int], day: date) -> dict[int, Leave]:
    """Whoever of these is on leave on a day, by person; one query."""
    rows = Leave.objects.filter(in_force(day), person__in=people, cancelled_at__isnull=True)
    return {row.person_id: row for row in rows}


def leave_days(people: Collection[int], first: date, last: date) -> dict[int, set[date]]:
    """The days of a range, both ends included, on which these people are on leave; one query."""
    rows = Leave.objects.filter(person__in=people, cancelled_at__isnull=True, period__overlap=(first, last + _ONE_DAY))
    days = [first + n * _ONE_DAY for n in range((last - first).days + 1)]
    found: dict[int, set[date]] = {}
    for row in rows:
        found.setdefault(row.person_id, set()).update(day for day in days if _within(row, day))
    return found


def _within(row: Leave, day: date) -> bool:
    lower, upper = row.period.lower, row.period.upper
    return (lower is None or lower <= day) and (upper is None or day < upper)


def leave_of(person: Person) -> list[Leave]:
    """The leave of a person whom the reader may see, latest first."""
    return list(person.leaves.filter(cancelled_at__isnull=True).order_by("-period"))
