"""Writes to people and their external ids."""

from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction

from portal.accounts.rules import Actor

from .. import access
from ..choices import Language
from ..models import ExternalId, Person, Site
from ..registry import tell_change_listeners
from . import base
from .engagements import EngagementValues, insert_engagement
from .placements import PlacementValues, insert_placement


@dataclass(frozen=True, slots=True)
class PersonValues:
    """What is kept about a person."""

    name: str
    preferred_name: str = ""
    email: str = ""
    language: str = Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Start:
    """A first engagement by the site's partner, and the placement that goes with it; `last_day` None is open."""

    job_role_id: int
    first_day: date
    last_day: date | None = None
    employee_number: str = ""
    programme_id: int | None = None
    team_id: int | None = None
    lead_id: int | None = None


@transaction.atomic
def hire(*, actor: Actor, site: Site, values: PersonValues, start: Start) -> Person:
    """Create a person with an engagement and a primary placement at a site; audited.

    Raises PermissionDenied, RefusedError.
    """
    allowed = access.permit_site(actor, site)
    person = base.create(Person(**asdict(values)), actor=allowed)
    engagement = EngagementValues(site.partner_id, start.first_day, start.last_day, start.employee_number)
    insert_engagement(person, engagement, actor=allowed)
    placement = PlacementValues(
        job_role_id=start.job_role_id,
        first_day=start.first_day,
        last_day=start.last_day,
        programme_id=start.programme_id,
        team_id=start.team_id,
        lead_id=start.lead_id,
    )
    insert_placement(person, site, placement, actor=allowed)
    tell_change_listeners(actor=allowed, person_ids=[person.pk])
    return person


@transaction.atomic
def change_person(*, actor: Actor, pk: int, version: int, values: PersonValues) -> Person:
    """Change a person's details; audited without quoting them. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    person = access.get_person(actor, pk, for_update=True)
    return base.change(person, asdict(values), version=version, actor=access.permit_person(actor, person))


@transaction.atomic
def add_external_id(*, actor: Actor, person_id: int, source: str, value: str) -> ExternalId:
    """Note how another system calls a person; audited. Raises Http404, PermissionDenied, RefusedError."""
    person = access.get_person(actor, person_id, for_update=True)
    allowed = access.permit_person(actor, person)
    row = ExternalId(person=person, source=source, value=value)
    with base.refusing():
        row.save(force_insert=True)
    base.audit(row, "created", allowed, {"source": source, "person_id": person.pk})
    return row


@transaction.atomic
def remove_external_id(*, actor: Actor, person_id: int, pk: int) -> None:
    """Forget how another system calls a person; audited. Raises Http404, PermissionDenied."""
    person = access.get_person(actor, person_id, for_update=True)
    allowed = access.permit_person(actor, person)
    row = access.get_external_id(actor, person, pk)
    base.audit(row, "removed", allowed, {"source": row.source, "person_id": person.pk})
    row.delete()
