"""The same questions asked of the facts: component sums of the tables of intervals, answers and evaluations, grouped in SQL."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection

from kpis.components import AGENTS, CONTACTS, BuiltIn

_GROUPS = {
    "site": "f.site_id",
    "queue": "f.queue_id",
    "person": "f.person_id",
    "team": "p.team_id",
    "week": "date_trunc('week', (f.{at} AT TIME ZONE s.time_zone)::date)",
    "month": "date_trunc('month', (f.{at} AT TIME ZONE s.time_zone)::date)",
}
_SURVEYS = (
    "count(*) FILTER (WHERE f.kind = 'nps'), count(*) FILTER (WHERE f.kind = 'nps' AND f.score >= 9), "
    "count(*) FILTER (WHERE f.kind = 'nps' AND f.score <= 6), count(*) FILTER (WHERE f.kind = 'csat'), "
    "count(*) FILTER (WHERE f.kind = 'csat' AND f.score >= f.scale - 1)"
)
_QUALITY = "count(*), sum(CASE WHEN f.auto_fail THEN 0 ELSE f.points END), sum(f.possible), count(*) FILTER (WHERE f.critical_error)"


def of_facts(sites: list[int], first: date, last: date, *by: str, **who: int) -> Callable[[], Any]:
    """All sums by `by` from `first` to `last` of these sites, or of one `person` or `team` of theirs."""
    people = bool(who) or bool({"team", "person"} & set(by))
    parts = [
        ("kpis_agentinterval", "starts_at", _sums(AGENTS)),
        ("kpis_surveyresponse", "responded_at", _SURVEYS),
        ("kpis_qaevaluation", "evaluated_at", _QUALITY),
    ]
    if not people:
        parts.append(("kpis_contactinterval", "starts_at", _sums(CONTACTS)))
    statements = [_statement(*part, by, people, tuple(who)) for part in parts]

    def ask() -> int:
        rows = 0
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, {"sites": sites, "first": first, "last": last, **who})
                rows += len(cursor.fetchall())
        return rows

    return ask


def _sums(components: tuple[BuiltIn, ...]) -> str:
    return ", ".join(f"sum(f.{one.code})" for one in components)


def _statement(table: str, at: str, sums: str, by: tuple[str, ...], people: bool, who: tuple[str, ...]) -> str:
    groups = ", ".join(_GROUPS[one].format(at=at) for one in by)
    placed = (
        f"""JOIN partners_placement p ON p.person_id = f.person_id AND p.kind = 'primary' AND p.cancelled_at IS NULL
        AND p.period @> (f.{at} AT TIME ZONE s.time_zone)::date"""
        if people
        else ""
    )
    narrowed = "".join(f" AND p.{one}_id = %({one})s" for one in who)
    return f"""
SELECT {groups}, {sums} FROM {table} f JOIN partners_site s ON s.id = f.site_id {placed}
WHERE f.site_id = ANY (%(sites)s) AND f.{at} >= %(first)s::date - 1 AND f.{at} < %(last)s::date + 2
    AND (f.{at} AT TIME ZONE s.time_zone)::date BETWEEN %(first)s AND %(last)s{narrowed}
GROUP BY {", ".join(str(n + 1) for n in range(len(by)))}"""
