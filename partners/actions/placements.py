"""Writes to placements: where somebody works, in which role, under whom."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from .. import access, queries, rules
from ..choices import PlacementKind
from ..models import Person, Placement, Site
from ..registry import tell_change_listeners
from . import base
from .periods import days, half_open, name_other


@dataclass(frozen=True, slots=True)
class PlacementValues:
    """A placement besides its person and site; first and last day included, no last day is open."""

    job_role_id: int
    first_day: date
    last_day: date | None = None
    kind: str = PlacementKind.PRIMARY
    programme_id: int | None = None
    team_id: int | None = None
    lead_id: int | None = None

    def columns(self) -> dict[str, object]:
        """The values as the table has them."""
        return {
            "job_role_id": self.job_role_id,
            "kind": self.kind,
            "programme_id": self.programme_id,
            "team_id": self.team_id,
            "lead_id": self.lead_id,
            "period": days(self.first_day, self.last_day),
        }


def insert_placement(person: Person, site: Site, values: PlacementValues, *, actor: Actor) -> Placement:
    """Insert and audit for a caller that has locked the person and authorised. Raises RefusedError."""
    _check_site(site)
    _check_lead(site, values.lead_id)
    row = Placement(person=person, site=site, **values.columns())
    try:
        return base.create(row, actor=actor)
    except RefusedError as refused:
        raise _named(refused, row) from refused


@transaction.atomic
def place(*, actor: Actor, person_id: int, site: Site, values: PlacementValues, end_current: bool = False) -> Placement:
    """Place a person at a site; audited. `end_current` ends the primary placement in force the day before: a transfer.

    Raises Http404, PermissionDenied, RefusedError.
    """
    person = access.get_person(actor, person_id, for_update=True)
    access.permit_person(actor, person)
    allowed = access.permit_site(actor, site)
    if end_current and values.kind == PlacementKind.PRIMARY:
        _end_current(person, values.first_day, actor)
    row = insert_placement(person, site, values, actor=allowed)
    tell_change_listeners(actor=allowed, person_ids=[person_id])
    return row


@transaction.atomic
def change_placement(*, actor: Actor, pk: int, version: int, values: PlacementValues) -> Placement:
    """Correct a placement, its end included; audited. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row, allowed = _locked(actor, pk)
    if values.lead_id != row.lead_id:
        _check_lead(row.site, values.lead_id)
    try:
        base.change(row, values.columns(), version=version, actor=allowed)
    except RefusedError as refused:
        raise _named(refused, row) from refused
    tell_change_listeners(actor=allowed, person_ids=[row.person_id])
    return row


@transaction.atomic
def withdraw_placement(*, actor: Actor, pk: int) -> Placement:
    """Take back a placement that was entered by mistake or will not happen; audited. It stays on file, without effect.

    Raises Http404, PermissionDenied.
    """
    row, allowed = _locked(actor, pk)
    base.change(row, {"cancelled_at": timezone.now()}, version=None, actor=allowed, verb="withdrawn")
    tell_change_listeners(actor=allowed, person_ids=[row.person_id])
    return row


def _locked(actor: Actor, pk: int) -> tuple[Placement, Actor]:
    """The placement with its person locked before it, as everywhere."""
    access.get_person(actor, access.get_placement(actor, pk).person_id, for_update=True)
    row = access.get_placement(actor, pk, for_update=True)
    return row, access.permit_site(actor, row.site)


def _check_site(site: Site) -> None:
    live = Site.objects.select_for_update(no_key=True).filter(pk=site.pk, archived_at__isnull=True)
    if live.first() is None:
        raise RefusedError("site_archived")


def _check_lead(site: Site, lead_id: int | None) -> None:
    if lead_id is not None and not queries.possible_leads(site, queries.today()).filter(pk=lead_id).exists():
        raise RefusedError("lead_elsewhere", "lead")


def _end_current(person: Person, first_day: date, actor: Actor) -> None:
    """Shorten the primary placement in force on the day to end the day before."""
    current = (
        person.placements.select_related("site")
        .select_for_update(of=("self",), no_key=True)
        .filter(queries.in_force(first_day), kind=PlacementKind.PRIMARY, cancelled_at__isnull=True)
        .first()
    )
    if current is None or current.period.lower == first_day:
        return
    allowed = rules.editing_site(actor, current.site_id, current.site.partner_id)
    if allowed is None:
        raise RefusedError("not_in_charge", "end_current", {"site": current.site.code})
    period = half_open(current.period.lower, first_day)
    base.change(current, {"period": period}, version=None, actor=allowed, verb="ended")


def _named(refused: RefusedError, row: Placement) -> RefusedError:
    """Say which other placement stands in the way."""
    if refused.code not in {"placement_primary_overlap", "placement_loan_overlap"}:
        return refused
    others = Placement.objects.filter(
        person_id=row.person_id, kind=row.kind, cancelled_at__isnull=True, period__overlap=row.period
    )
    if row.kind == PlacementKind.LOAN:
        others = others.filter(site_id=row.site_id)
    other = others.exclude(pk=row.pk).select_related("site").first()
    return name_other(refused, other, other.site.label if other else "")
