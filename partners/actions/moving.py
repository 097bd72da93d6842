"""Verbs that are more than one row: a transfer, a rehire; and leave."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from .. import access, queries
from ..choices import PlacementKind
from ..models import Leave, Person, Placement, Site
from ..registry import tell_change_listeners
from . import base
from .engagements import EngagementValues, insert_engagement
from .people import Start
from .periods import days
from .placements import PlacementValues, insert_placement, place


@dataclass(frozen=True, slots=True)
class LeaveValues:
    """Days on which somebody does not work, both ends included, and why as far as the roster needs it."""

    kind: str
    first_day: date
    last_day: date


@transaction.atomic
def transfer(*, actor: Actor, person_id: int, site: Site, values: PlacementValues) -> Placement:
    """End the primary placement the day before and begin the next on the first day; both stay on file. Audited.

    Raises Http404, PermissionDenied, RefusedError("not_placed") for somebody without a placement on that day.
    """
    person = access.get_person(actor, person_id, for_update=True)
    current = Placement.objects.filter(
        queries.in_force(values.first_day), person=person, kind=PlacementKind.PRIMARY, cancelled_at__isnull=True
    )
    if not current.exists():
        raise RefusedError("not_placed", "first_day")
    return place(actor=actor, person_id=person_id, site=site, values=values, end_current=True)


@transaction.atomic
def rehire(*, actor: Actor, person_id: int, site: Site, start: Start) -> Person:
    """Take somebody known on again: a new engagement and placement of the same person. Access is not restored. Audited.

    Raises Http404, PermissionDenied, RefusedError("still_employed") for somebody who is employed on the first day.
    """
    person = access.get_person(actor, person_id, for_update=True)
    access.permit_person(actor, person)
    allowed = access.permit_site(actor, site)
    if person.engagements.filter(queries.in_force(start.first_day)).exists():
        raise RefusedError("still_employed", "first_day")
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
def add_leave(*, actor: Actor, person_id: int, values: LeaveValues) -> Leave:
    """Note leave; audited. Raises Http404, PermissionDenied, RefusedError."""
    person = access.get_person(actor, person_id, for_update=True)
    allowed = access.permit_person(actor, person)
    return base.create(
        Leave(person=person, kind=values.kind, period=days(values.first_day, values.last_day)), actor=allowed
    )


@transaction.atomic
def withdraw_leave(*, actor: Actor, pk: int) -> Leave:
    """Take leave back; audited. It stays on file, without effect. Raises Http404, PermissionDenied."""
    person = access.get_person(actor, access.get_leave(actor, pk).person_id, for_update=True)
    allowed = access.permit_person(actor, person)
    row = access.get_leave(actor, pk, for_update=True)
    return base.change(row, {"cancelled_at": timezone.now()}, version=None, actor=allowed, verb="withdrawn")
