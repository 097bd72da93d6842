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
# The same for what programs name by codes, with the ids.
_NAMED: Final = """
SELECT service.id, site.id, site.partner_id, issue.id, cell.severity
  FROM (SELECT %(service)s::text AS service, %(site)s::text AS site, %(issue)s::text AS issue) AS asked
  LEFT JOIN escalations_service AS service ON service.code = asked.service AND service.archived_at IS NULL
  LEFT JOIN partners_site AS site ON site.code = asked.site AND site.archived_at IS NULL
  LEFT JOIN escalations_issuetype AS issue ON issue.code = asked.issue AND issue.archived_at IS NULL
  LEFT JOIN escalations_severitycell AS cell
    ON cell.service_id = service.id AND cell.impact = %(impact)s AND cell.urgency = %(urgency)s
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
    return Opening(service, site, partner, issue, _cells(impact, urgency, severity))


@dataclass(frozen=True, slots=True)
class Named:
    """What codes name that is there and takes cases, as ids (0 or None for what is not), and what is asked before a case is opened."""

    service: int
    site: int | None
    issue: int | None
    opening: Opening


def named(service: str, site: str | None, issue: str | None, impact: str = "", urgency: str = "") -> Named:
    """By codes, whoever asks: what they may name is for the caller to say."""
    asked = {"service": service, "site": site, "issue": issue, "impact": impact, "urgency": urgency}
    with connection.cursor() as cursor:
        cursor.execute(_NAMED, asked)
        [(service_id, site_id, partner, issue_id, severity)] = cursor.fetchall()
    there = (service_id is not None, site_id is not None, partner, issue_id is not None)
    return Named(service_id or 0, site_id, issue_id, Opening(*there, _cells(impact, urgency, severity)))


def _cells(impact: str, urgency: str, own: int | None) -> Mapping[tuple[str, str], int]:
    return DEFAULT_MATRIX if own is None else {**DEFAULT_MATRIX, (impact, urgency): own}
