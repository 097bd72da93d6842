"""What is asked before a case is opened, in one statement: cases come in by the hundred a second."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from escalations.choices import DEFAULT_MATRIX

_ASKED: Final = """
SELECT service.id IS NOT NULL, site.id IS NOT NULL, site.partner_id, issue.id IS NOT NULL, cell.severity
  FROM (SELECT %(service)s::bigint AS service, %(site)s::bigint AS site, %(issue)s::bigint AS issue) AS asked
  LEFT JOIN escalations_service AS service ON service.id = asked.service AND service.archived_at IS NULL
  LEFT JOIN partners_site AS site ON site.id = asked.site AND site.archived_at IS NULL
  LEFT JOIN escalations_issuetype AS issue ON issue.id = asked.issue AND issue.archived_at IS NULL
  LEFT JOIN escalations_severitycell AS cell
    ON cell.service_id = asked.service AND cell.impact = %(impact)s AND cell.urgency = %(urgency)s
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether service, site and issue type are there and take cases, whose the site is, and what the service's matrix says."""

    service: bool
    site: bool
    partner_id: int | None
    issue: bool
    cells: Mapping[tuple[str, str], int]


def opening(
    service_id: int, site_id: int | None, issue_type_id: int | None, impact: str = "", urgency: str = ""
) -> Opening:
    """For a case that is to be opened. `cells` holds the service's own word for this impact and urgency, and the general ones."""
    asked = {"service": service_id, "site": site_id, "issue": issue_type_id, "impact": impact, "urgency": urgency}
    with connection.cursor() as cursor:
        cursor.execute(_ASKED, asked)
        service, site, partner, issue, severity = cursor.fetchall()[0]
    own = {(impact, urgency): severity} if severity is not None else {}
    return Opening(service, site, partner, issue, {**DEFAULT_MATRIX, **own})
