"""Programmes, teams and job roles that a roster names and nobody has made yet."""

import hashlib
import re
from typing import Final

from django.db.models import JSONNull, QuerySet

from portal.accounts.rules import Actor

from .. import access
from ..actions import base
from ..models import JobRole, Programme, Roster, RosterProposal, Team
from ..rules.rosters import same_name

CODE_LENGTH: Final = 16
PLACED: Final = ("joiner", "rehire", "mover")


def make_places(roster: Roster, *, actor: Actor) -> None:
    """Make what is missing and name it in the proposals. Job roles are everybody's: only who configures makes them.

    Raises PermissionDenied.
    """
    if roles := _missing(roster, "job_role"):
        access.permit_configuring(actor)
        _make_roles(roster, roles, actor)
    for label, _within in _missing(roster, "programme"):
        code = code_for(label, set(Programme.objects.filter(site=roster.site).values_list("code", flat=True)))
        made = base.create(Programme(site=roster.site, name=label, code=code), actor=actor)
        _named(roster, "programme", label).update(programme=made)
    for label, programme_id in _missing(roster, "team"):
        if programme_id is None:
            continue
        programme = Programme.objects.get(pk=programme_id)
        made_team = base.create(Team(programme=programme, name=label), actor=actor)
        _named(roster, "team", label).filter(programme=programme).update(team=made_team)


def _unmade(roster: Roster, field: str) -> QuerySet[RosterProposal]:
    """Rows that name something without an id: JSON's null is what `said` has in its place."""
    return roster.proposals.filter(**{"kind__in": PLACED, f"{field}__isnull": True, f"said__{field}__0": JSONNull()})


def _named(roster: Roster, field: str, label: str) -> QuerySet[RosterProposal]:
    return _unmade(roster, field).filter(**{f"said__{field}__1": label})


def _missing(roster: Roster, field: str) -> list[tuple[str, int | None]]:
    """Names that have no row yet, once each, whatever their case; a team's with its programme."""
    found = _unmade(roster, field).order_by().values_list(f"said__{field}__1", "programme").distinct()
    return sorted((label, programme) for label, programme in found if label)


def _make_roles(roster: Roster, roles: list[tuple[str, int | None]], actor: Actor) -> None:
    leading = set(roster.proposals.filter(lead_row__isnull=False).values_list("lead_row", flat=True))
    known = set(JobRole.objects.values_list("code", flat=True))
    for label in sorted({label for label, _programme in roles}):
        rows = _named(roster, "job_role", label)
        leads = bool(leading & set(rows.values_list("row", flat=True)))
        made = base.create(JobRole(name=label, code=code_for(label, known), leads=leads), actor=actor)
        known.add(made.code)
        rows.update(job_role=made)


def code_for(name: str, taken: set[str]) -> str:
    """A code as people would shorten the name; with a piece of its fingerprint where that is taken."""
    stem = re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")[:CODE_LENGTH].rstrip("-")
    if stem and stem not in taken:
        return stem
    mark = hashlib.sha256(same_name(name).encode()).hexdigest()[:6].upper()
    return f"{stem[: CODE_LENGTH - 7].rstrip('-')}-{mark}".lstrip("-")
