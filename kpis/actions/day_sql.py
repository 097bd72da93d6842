"""The statements that make a site's daily sums from its facts. Names of columns come from `components`, values are parameters.

A bucket is a site and one of its local days; an interval belongs to the day in which it begins. `%(sites)s` and `%(days)s` are arrays of
the same length, `%(since)s` and `%(until)s` the instants around them all, by which partitions are left out. The directory's tables are
read here as they are, because a sum of millions cannot pass through Python.
"""

from typing import Final, NamedTuple

from ..components import AGENTS, CONTACTS, OF_AGENTS, QUALITY, SUMMED, SURVEYS, BuiltIn


class _Source(NamedTuple):
    """A table of facts: its column of time, what it measures, and whether a row lasts `seconds`."""

    table: str
    at: str
    own: tuple[BuiltIn, ...]
    lasts: bool


CLAIM: Final = """
DELETE FROM kpis_dirtybucket WHERE id IN (
    SELECT id FROM kpis_dirtybucket ORDER BY marked_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) RETURNING site_id, day
"""

MARK: Final = """
INSERT INTO kpis_dirtybucket (site_id, day, marked_at)
SELECT DISTINCT s, d, now() FROM unnest(%(sites)s::bigint[], %(days)s::date[]) AS t (s, d) ORDER BY s, d
ON CONFLICT (site_id, day) DO UPDATE SET marked_at = excluded.marked_at
"""

SPAN: Final = """
SELECT min(d::timestamp AT TIME ZONE p.time_zone), max((d + 1)::timestamp AT TIME ZONE p.time_zone)
FROM unnest(%(sites)s::bigint[], %(days)s::date[]) AS t (s, d) JOIN partners_site p ON p.id = s
"""

EXCLUDING: Final = """
SELECT EXISTS (
    SELECT 1 FROM kpis_exclusion WHERE state = 'approved' AND site_id = ANY (%(sites)s::bigint[])
        AND period && tstzrange(%(since)s, %(until)s)
)
"""

_BUCKET: Final = """
bucket AS MATERIALIZED (
    SELECT p.id AS site_id, d AS day, d::timestamp AT TIME ZONE p.time_zone AS since,
        (d + 1)::timestamp AT TIME ZONE p.time_zone AS until
    FROM unnest(%(sites)s::bigint[], %(days)s::date[]) AS t (s, d) JOIN partners_site p ON p.id = s
)
"""

CLEAR: Final = tuple(
    f"""
DELETE FROM {table} q USING unnest(%(sites)s::bigint[], %(days)s::date[]) AS t (s, d) WHERE q.site_id = t.s AND q.day = t.d
"""
    for table in ("kpis_queueday", "kpis_agentday")
)

# Facts that an exclusion may touch although they begin before it: an interval lasts 40 days at the most, an agent's one.
TOUCHED: Final = """
SELECT DISTINCT (f.starts_at AT TIME ZONE p.time_zone)::date
FROM (
    SELECT site_id, starts_at, seconds FROM kpis_contactinterval
    WHERE site_id = %(site)s AND starts_at >= %(since)s - interval '40 days' AND starts_at < %(until)s
    UNION ALL
    SELECT site_id, starts_at, seconds FROM kpis_agentinterval
    WHERE site_id = %(site)s AND starts_at >= %(since)s - interval '1 day' AND starts_at < %(until)s
) f JOIN partners_site p ON p.id = f.site_id
WHERE f.starts_at + make_interval(secs => f.seconds) > %(since)s
"""

# Days whose team, programme or lead are not those of the placement in force; %(people)s null: everybody's, since %(since)s.
MOVED: Final = """
SELECT DISTINCT a.site_id, a.day FROM kpis_agentday a LEFT JOIN partners_placement p
    ON p.person_id = a.person_id AND p.kind = 'primary' AND p.cancelled_at IS NULL AND p.period @> a.day
WHERE (%(people)s::bigint[] IS NULL OR a.person_id = ANY (%(people)s)) AND a.day >= %(since)s
    AND (a.programme_id, a.team_id, a.lead_id) IS DISTINCT FROM (p.programme_id, p.team_id, p.lead_id)
"""
# Days that a worker may be making this moment where these people are or were: it holds their marks, and began before.
IN_HAND: Final = """
SELECT d.site_id, d.day FROM kpis_dirtybucket d
WHERE d.site_id IN (SELECT site_id FROM partners_placement WHERE person_id = ANY (%(people)s))
"""

_APPROVED: Final = "e.state = 'approved'"
_NPS, _CSAT = "f.kind = 'nps'", "f.kind = 'csat'"
_DERIVED: Final = {
    "nps_responses": f"count(*) FILTER (WHERE {_NPS})",
    "promoters": f"count(*) FILTER (WHERE {_NPS} AND f.score >= 9)",
    "passives": f"count(*) FILTER (WHERE {_NPS} AND f.score IN (7, 8))",
    "detractors": f"count(*) FILTER (WHERE {_NPS} AND f.score <= 6)",
    "csat_responses": f"count(*) FILTER (WHERE {_CSAT})",
    "satisfied": f"count(*) FILTER (WHERE {_CSAT} AND f.score >= f.scale - 1)",
    "evaluations": "count(*)",
    # An auto-fail makes the whole evaluation 0 points of what was possible.
    "qa_points": "sum(CASE WHEN f.auto_fail THEN 0 ELSE f.points END)",
    "qa_possible": "sum(f.possible)",
    "auto_fails": "count(*) FILTER (WHERE f.auto_fail)",
    "critical_errors": "count(*) FILTER (WHERE f.critical_error)",
}
# Survey counts are of the kind that was asked: a site without NPS has none, not zero.
_OF_KIND: Final = dict.fromkeys(("nps_responses", "promoters", "passives", "detractors"), _NPS) | dict.fromkeys(
    ("csat_responses", "satisfied"), _CSAT
)
_FACTS: Final = (
    _Source("kpis_contactinterval", "starts_at", CONTACTS, lasts=True),
    _Source("kpis_agentinterval", "starts_at", AGENTS, lasts=True),
    _Source("kpis_surveyresponse", "responded_at", SURVEYS, lasts=False),
    _Source("kpis_qaevaluation", "evaluated_at", QUALITY, lasts=False),
)


def queue_days(excluding: bool) -> str:
    """Daily sums per queue. `excluding`: look for approved exclusions, which costs a lookup a row."""
    parts = [_part(fact, "f.queue_id", SUMMED, excluding) for fact in _FACTS]
    return _insert("kpis_queueday", ("site_id", "queue_id", "day", "excluded"), SUMMED, parts)


def agent_days(excluding: bool) -> str:
    """Daily sums per agent, with the team and lead of the placement in force that day."""
    parts = [_part(fact, "f.person_id", OF_AGENTS, excluding, "f.person_id IS NOT NULL") for fact in _FACTS[1:]]
    names = ", ".join(one.code for one in OF_AGENTS)
    sums = ", ".join(f"sum({one.code}) AS {one.code}" for one in OF_AGENTS)
    return f"""
WITH {_BUCKET}, part AS ({" UNION ALL ".join(parts)}),
summed AS (
    SELECT site_id, holder AS person_id, day, excluded, {sums}
    FROM part GROUP BY 1, 2, 3, 4
)
INSERT INTO kpis_agentday (site_id, person_id, day, excluded, programme_id, team_id, lead_id, computed_at, {names})
SELECT s.site_id, s.person_id, s.day, s.excluded, p.programme_id, p.team_id, p.lead_id, now(), {names}
FROM summed s LEFT JOIN partners_placement p
    ON p.person_id = s.person_id AND p.kind = 'primary' AND p.cancelled_at IS NULL AND p.period @> s.day
"""


def site_sums_if() -> str:
    """Component sums per site and day of what would count with other exclusions: those of `%(with)s` besides the approved ones, those of
    `%(without)s` not.
    """
    which = "(e.state = 'approved' AND e.id <> ALL (%(without)s::bigint[]) OR e.id = ANY (%(with)s::bigint[]))"
    parts = [_part(fact, "NULL::bigint", SUMMED, True, which=which) for fact in _FACTS]
    sums = ", ".join(f"sum({one.code}) AS {one.code}" for one in SUMMED)
    return f"""
WITH {_BUCKET}, part AS ({" UNION ALL ".join(parts)})
SELECT site_id, day, {sums} FROM part WHERE NOT excluded GROUP BY 1, 2
"""


def _insert(table: str, keys: tuple[str, ...], components: tuple[BuiltIn, ...], parts: list[str]) -> str:
    names = ", ".join(one.code for one in components)
    sums = ", ".join(f"sum({one.code})" for one in components)
    return f"""
WITH {_BUCKET}, part AS ({" UNION ALL ".join(parts)})
INSERT INTO {table} ({", ".join(keys)}, computed_at, {names})
SELECT site_id, holder, day, excluded, now(), {sums} FROM part GROUP BY 1, 2, 3, 4
"""


def _part(
    source: _Source,
    holder: str,
    columns: tuple[BuiltIn, ...],
    excluding: bool,
    condition: str = "true",
    which: str = _APPROVED,
) -> str:
    """One table's sums per bucket and holder, with nulls for what it does not know."""
    mine, at = {one.code for one in source.own}, source.at
    listed = ", ".join(_column(one, one.code in mine) for one in columns)
    return f"""
    SELECT b.site_id, {holder} AS holder, b.day, {_excluded(source, which) if excluding else "false"} AS excluded, {listed}
    FROM bucket b JOIN {source.table} f ON f.site_id = b.site_id AND f.{at} >= b.since AND f.{at} < b.until
    WHERE f.{at} >= %(since)s AND f.{at} < %(until)s AND {condition} GROUP BY 1, 2, 3, 4"""


def _column(one: BuiltIn, known: bool) -> str:
    kind = "numeric" if one.unit == "points" else "bigint"
    if not known:
        return f"NULL::{kind} AS {one.code}"
    if one.code in _OF_KIND:
        return f"CASE WHEN bool_or({_OF_KIND[one.code]}) THEN {_DERIVED[one.code]} END AS {one.code}"
    return f"{_DERIVED.get(one.code, f'sum(f.{one.code})')} AS {one.code}"


def _excluded(source: _Source, which: str) -> str:
    """An interval counts as excluded when any of it lies in an approved exclusion of its site or queue."""
    at = f"f.{source.at}"
    meets = (
        f"e.period && tstzrange({at}, {at} + make_interval(secs => f.seconds))" if source.lasts else f"e.period @> {at}"
    )
    return f"""EXISTS (
        SELECT 1 FROM kpis_exclusion e WHERE {which} AND e.site_id = f.site_id
            AND (e.queue_id IS NULL OR e.queue_id = f.queue_id) AND {meets})"""
