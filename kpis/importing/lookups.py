"""The statements that find out what each different place, time and agent of a file is. All else of an import is in `statements`."""

from typing import Final

from .cells import Cells
from .schema import PLACES

COPY_PLACE: Final = "COPY kpis_place FROM STDIN"
COPY_TIME: Final = "COPY kpis_time FROM STDIN"

SITES: Final = "SELECT id, code, name, name_zh, time_zone FROM partners_site WHERE archived_at IS NULL"
QUEUES: Final = """
SELECT q.id, q.code, q.name, q.name_zh, p.code, p.name, p.name_zh, p.site_id FROM partners_queue q
JOIN partners_programme p ON p.id = q.programme_id WHERE p.site_id = ANY (%(sites)s) AND q.archived_at IS NULL
"""

# An agent is somebody whom the site's partner employs or employed; a number that was given twice goes by the day.
_AGENTS: Final = {
    "employee_number": "JOIN partners_engagement e ON e.employer_id = p.partner_id AND upper(e.employee_number) = upper(d.said)",
    "email": """JOIN partners_person n ON lower(n.email) = lower(d.said)
        JOIN partners_engagement e ON e.employer_id = p.partner_id AND e.person_id = n.id""",
    "external_id": """JOIN partners_externalid x ON x.source = %(agent_source)s AND x.value = d.said
        JOIN partners_engagement e ON e.employer_id = p.partner_id AND e.person_id = x.person_id""",
}


def agents(cells: Cells) -> str:
    """Who is meant by each agent of the file, per site."""
    return f"""
INSERT INTO kpis_agent SELECT DISTINCT site_id, said, person_id, CASE WHEN low <> high THEN period END FROM (
    SELECT d.site_id, d.said, e.person_id, e.period, min(e.person_id) OVER w AS low, max(e.person_id) OVER w AS high
    FROM (SELECT DISTINCT p.site_id, s.said FROM {_said(cells, "agent")} WHERE p.site_id IS NOT NULL) d
    JOIN partners_site p ON p.id = d.site_id {_AGENTS[cells.mapping.agents]} WINDOW w AS (PARTITION BY d.site_id, d.said)) f
"""


def said_places(cells: Cells) -> str:
    """Each different place of the file."""
    return f"SELECT DISTINCT {', '.join(cells.said(name) for name in PLACES)} FROM kpis_staged s"


ZONES: Final = "SELECT count(DISTINCT zone) FROM kpis_place"


def said_times(cells: Cells, zones: int) -> str:
    """Each different time of the file, per time zone of its site."""
    said = cells.said(cells.mapping.shape.at)
    if zones == 1:
        return f"SELECT p.zone, s.said FROM (SELECT DISTINCT {said} AS said FROM kpis_staged s) s, (SELECT DISTINCT zone FROM kpis_place) p WHERE p.zone IS NOT NULL"
    return f"SELECT DISTINCT p.zone, {said} FROM kpis_staged s {cells.place_join} WHERE p.zone IS NOT NULL"


def _said(cells: Cells, name: str) -> str:
    """Each different text of a field and place `s`, and what place `p` that is: far fewer than there are rows."""
    places = ", ".join(f"{cells.said(place)} AS {place}" for place in PLACES)
    same_place = " AND ".join(f"p.{place} = s.{place}" for place in PLACES)
    return (
        f"(SELECT DISTINCT {places}, {cells.said(name)} AS said FROM kpis_staged s) s JOIN kpis_place p ON {same_place}"
    )
