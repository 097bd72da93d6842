"""Fetch and authorise in one call: the only way to a single row. Rows out of sight raise Http404."""

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404

from portal.accounts.rules import Actor

from . import queries, rules
from .choices import RosterState
from .models import (
    Engagement,
    ExternalId,
    JobRole,
    Leave,
    Partner,
    Person,
    Placement,
    Programme,
    Queue,
    Roster,
    Site,
    Team,
)


def _one[M: Model](rows: QuerySet[M], for_update: bool, **key: object) -> M:
    if for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    row = rows.filter(**key).first()
    if row is None:
        raise Http404
    return row


def get_partner(actor: Actor, code: str, *, for_update: bool = False) -> Partner:
    """A partner by code."""
    return _one(queries.partners_visible_to(actor), for_update, code=code)


def get_site(actor: Actor, code: str, *, for_update: bool = False) -> Site:
    """A site by code, with its partner."""
    return _one(queries.sites_visible_to(actor).select_related("partner", "calendar"), for_update, code=code)


def get_programme(actor: Actor, pk: int, *, for_update: bool = False) -> Programme:
    """A programme with its site and partner."""
    return _one(queries.programmes_visible_to(actor).select_related("site__partner"), for_update, pk=pk)


def get_queue(actor: Actor, pk: int, *, for_update: bool = False) -> Queue:
    """A queue with its programme, site and partner."""
    return _one(queries.queues_visible_to(actor).select_related("programme__site__partner"), for_update, pk=pk)


def get_team(actor: Actor, pk: int, *, for_update: bool = False) -> Team:
    """A team with its programme, site and partner."""
    return _one(queries.teams_visible_to(actor).select_related("programme__site__partner"), for_update, pk=pk)


def get_job_role(actor: Actor, pk: int, *, for_update: bool = False) -> JobRole:
    """A job role; everybody who reads the directory knows them all."""
    readable = actor.is_system or actor.has(*rules.READERS)
    return _one(JobRole.objects.all() if readable else JobRole.objects.none(), for_update, pk=pk)


def get_person(actor: Actor, pk: int, *, for_update: bool = False) -> Person:
    """A person."""
    return _one(queries.people_visible_to(actor), for_update, pk=pk)


def get_placement(actor: Actor, pk: int, *, for_update: bool = False) -> Placement:
    """A placement with its site."""
    return _one(queries.placements_visible_to(actor).select_related("site__partner", "person"), for_update, pk=pk)


def get_engagement(actor: Actor, pk: int, *, for_update: bool = False) -> Engagement:
    """An engagement with its employer."""
    return _one(queries.engagements_visible_to(actor).select_related("employer", "person"), for_update, pk=pk)


def get_external_id(actor: Actor, person: Person, pk: int) -> ExternalId:
    """One of a person's external ids."""
    return _one(queries.external_ids_of(actor, person), False, pk=pk)


def get_leave(actor: Actor, pk: int, *, for_update: bool = False) -> Leave:
    """A person's leave."""
    return _one(queries.leave_visible_to(actor).select_related("person"), for_update, pk=pk)


def get_roster(actor: Actor, pk: int, *, for_update: bool = False) -> Roster:
    """A roster with its site."""
    return _one(queries.rosters_visible_to(actor).select_related("site__partner"), for_update, pk=pk)


def get_roster_site(actor: Actor, code: str) -> Site:
    """A site of which the actor may upload rosters. Raises Http404 for every other one."""
    return _one(queries.sites_to_roster(actor).select_related("partner"), False, code=code)


def get_attested_site(actor: Actor, code: str) -> Site:
    """A site whose weekly words on leavers the actor may read. Raises Http404 for every other one."""
    return _one(queries.sites_to_attest(actor).select_related("partner"), False, code=code)


def require(visible: bool) -> None:
    """Raises Http404 unless what the page is about may be seen."""
    if not visible:
        raise Http404


def permit(allowed: Actor | None) -> Actor:
    """The actor as who they act. Raises PermissionDenied (the 403 page) for a visible row they may not change."""
    if allowed is None:
        raise PermissionDenied
    return allowed


def permit_configuring(actor: Actor) -> Actor:
    """For partners, sites and job roles. Raises PermissionDenied."""
    return permit(rules.configuring(actor))


def permit_site(actor: Actor, site: Site) -> Actor:
    """For programmes, teams and people of a site. Raises PermissionDenied."""
    return permit(rules.editing_site(actor, site.pk, site.partner_id))


def permit_person(actor: Actor, person: Person) -> Actor:
    """For a person's details, engagements and placements. Raises PermissionDenied."""
    return permit(queries.person_editor(actor, person))


def permit_roster_upload(actor: Actor, site: Site) -> Actor:
    """For uploading, correcting and sending a roster. Raises PermissionDenied."""
    return permit(rules.roster_uploading(actor, site.pk, site.partner_id))


def permit_roster_apply(actor: Actor, site: Site) -> Actor:
    """For applying a roster. Raises PermissionDenied."""
    return permit(rules.roster_applying(actor, site.pk, site.partner_id))


def permit_roster_discard(actor: Actor, roster: Roster) -> Actor:
    """For putting a roster away: once it is sent that is for whoever may apply it. Raises PermissionDenied."""
    site = roster.site
    sent = roster.state == RosterState.SENT
    return permit_roster_apply(actor, site) if sent else permit_roster_upload(actor, site)


def permit_attesting(actor: Actor, site: Site) -> Actor:
    """For a lead's word on leavers. Raises PermissionDenied."""
    return permit(rules.attesting(actor, site.pk))
