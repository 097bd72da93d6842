"""Writes to partners, sites, programmes, teams and job roles."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import QuerySet

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from .. import access, queries
from ..models import JobRole, Partner, Placement, Programme, Site, Team
from . import base


@dataclass(frozen=True, slots=True)
class PartnerValues:
    """What a partner is made of."""

    name: str
    code: str
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class SiteValues:
    """What a site is made of, besides its partner."""

    name: str
    code: str
    time_zone: str
    calendar_id: int | None = None
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class ProgrammeValues:
    """What a programme is made of, besides its site."""

    name: str
    code: str
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class TeamValues:
    """What a team is made of, besides its programme."""

    name: str
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class JobRoleValues:
    """What a job role is made of; `leads`: its holders may lead others."""

    name: str
    code: str
    name_zh: str = ""
    leads: bool = False


@transaction.atomic
def add_partner(*, actor: Actor, values: PartnerValues) -> Partner:
    """Create a partner; audited. Raises PermissionDenied, RefusedError."""
    return base.create(Partner(**asdict(values)), actor=access.permit_configuring(actor))


@transaction.atomic
def change_partner(*, actor: Actor, code: str, version: int, values: PartnerValues) -> Partner:
    """Change a partner; audited. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row = access.get_partner(actor, code, for_update=True)
    return base.change(row, asdict(values), version=version, actor=access.permit_configuring(actor))


@transaction.atomic
def add_site(*, actor: Actor, partner: Partner, values: SiteValues) -> Site:
    """Create a site of a partner; audited. Raises PermissionDenied, RefusedError."""
    allowed = access.permit_configuring(actor)
    in_use(Partner.objects.filter(pk=partner.pk), "partner")
    return base.create(Site(partner=partner, **asdict(values)), actor=allowed)


@transaction.atomic
def change_site(*, actor: Actor, code: str, version: int, values: SiteValues) -> Site:
    """Change a site; audited. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row = access.get_site(actor, code, for_update=True)
    return base.change(row, asdict(values), version=version, actor=access.permit_configuring(actor))


@transaction.atomic
def add_programme(*, actor: Actor, site: Site, values: ProgrammeValues) -> Programme:
    """Create a programme at a site; audited. Raises PermissionDenied, RefusedError."""
    allowed = access.permit_site(actor, site)
    in_use(Site.objects.filter(pk=site.pk), "site")
    return base.create(Programme(site=site, **asdict(values)), actor=allowed)


@transaction.atomic
def change_programme(*, actor: Actor, pk: int, version: int, values: ProgrammeValues) -> Programme:
    """Change a programme; audited. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row = access.get_programme(actor, pk, for_update=True)
    return base.change(row, asdict(values), version=version, actor=access.permit_site(actor, row.site))


@transaction.atomic
def add_team(*, actor: Actor, programme: Programme, values: TeamValues) -> Team:
    """Create a team in a programme; audited. Raises PermissionDenied, RefusedError."""
    allowed = access.permit_site(actor, programme.site)
    in_use(Programme.objects.filter(pk=programme.pk), "programme")
    return base.create(Team(programme=programme, **asdict(values)), actor=allowed)


@transaction.atomic
def change_team(*, actor: Actor, pk: int, version: int, values: TeamValues) -> Team:
    """Change a team; audited. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row = access.get_team(actor, pk, for_update=True)
    return base.change(row, asdict(values), version=version, actor=access.permit_site(actor, row.programme.site))


@transaction.atomic
def add_job_role(*, actor: Actor, values: JobRoleValues) -> JobRole:
    """Create a job role; audited. Raises PermissionDenied, RefusedError."""
    return base.create(JobRole(**asdict(values)), actor=access.permit_configuring(actor))


@transaction.atomic
def change_job_role(*, actor: Actor, pk: int, version: int, values: JobRoleValues) -> JobRole:
    """Change a job role; audited. Raises Http404, PermissionDenied, ConflictError, RefusedError."""
    row = access.get_job_role(actor, pk, for_update=True)
    return base.change(row, asdict(values), version=version, actor=access.permit_configuring(actor))


@transaction.atomic
def archive_partner(*, actor: Actor, code: str) -> Partner:
    """Take a partner without sites in use out of use. Raises Http404, PermissionDenied, RefusedError("has_sites")."""
    row = access.get_partner(actor, code, for_update=True)
    allowed = access.permit_configuring(actor)
    _none_left("has_sites", row.sites.filter(archived_at__isnull=True).count())
    base.archive(row, actor=allowed)
    return row


@transaction.atomic
def archive_site(*, actor: Actor, code: str) -> Site:
    """Take a site without people out of use. Raises Http404, PermissionDenied, RefusedError("has_people")."""
    row = access.get_site(actor, code, for_update=True)
    allowed = access.permit_configuring(actor)
    _nobody_left(row.placements.all())
    base.archive(row, actor=allowed)
    return row


@transaction.atomic
def archive_programme(*, actor: Actor, pk: int) -> Programme:
    """Take a programme without people out of use. Raises Http404, PermissionDenied, RefusedError("has_people")."""
    row = access.get_programme(actor, pk, for_update=True)
    allowed = access.permit_site(actor, row.site)
    _nobody_left(row.placements.all())
    base.archive(row, actor=allowed)
    return row


@transaction.atomic
def archive_team(*, actor: Actor, pk: int) -> Team:
    """Take a team without people out of use. Raises Http404, PermissionDenied, RefusedError("has_people")."""
    row = access.get_team(actor, pk, for_update=True)
    allowed = access.permit_site(actor, row.programme.site)
    _nobody_left(row.placements.all())
    base.archive(row, actor=allowed)
    return row


@transaction.atomic
def archive_job_role(*, actor: Actor, pk: int) -> JobRole:
    """Take a job role out of use that nobody holds. Raises Http404, PermissionDenied, RefusedError("has_people")."""
    row = access.get_job_role(actor, pk, for_update=True)
    allowed = access.permit_configuring(actor)
    _nobody_left(row.placements.all())
    base.archive(row, actor=allowed)
    return row


@transaction.atomic
def restore_partner(*, actor: Actor, code: str) -> Partner:
    """Bring a partner back into use. Raises Http404, PermissionDenied."""
    row = access.get_partner(actor, code, for_update=True)
    base.restore(row, actor=access.permit_configuring(actor))
    return row


@transaction.atomic
def restore_site(*, actor: Actor, code: str) -> Site:
    """Bring a site back into use. Raises Http404, PermissionDenied, RefusedError if its partner is archived."""
    row = access.get_site(actor, code, for_update=True)
    allowed = access.permit_configuring(actor)
    in_use(Partner.objects.filter(pk=row.partner_id), "partner")
    base.restore(row, actor=allowed)
    return row


@transaction.atomic
def restore_programme(*, actor: Actor, pk: int) -> Programme:
    """Bring a programme back into use. Raises Http404, PermissionDenied, RefusedError if its site is archived."""
    row = access.get_programme(actor, pk, for_update=True)
    allowed = access.permit_site(actor, row.site)
    in_use(Site.objects.filter(pk=row.site_id), "site")
    base.restore(row, actor=allowed)
    return row


@transaction.atomic
def restore_team(*, actor: Actor, pk: int) -> Team:
    """Bring a team back into use. Raises Http404, PermissionDenied, RefusedError if its programme is archived."""
    row = access.get_team(actor, pk, for_update=True)
    allowed = access.permit_site(actor, row.programme.site)
    in_use(Programme.objects.filter(pk=row.programme_id), "programme")
    base.restore(row, actor=allowed)
    return row


@transaction.atomic
def restore_job_role(*, actor: Actor, pk: int) -> JobRole:
    """Bring a job role back into use. Raises Http404, PermissionDenied."""
    row = access.get_job_role(actor, pk, for_update=True)
    base.restore(row, actor=access.permit_configuring(actor))
    return row


def in_use(parent: "QuerySet[Partner] | QuerySet[Site] | QuerySet[Programme]", name: str) -> None:
    """Lock the parent and refuse below an archived one."""
    found = parent.select_for_update(no_key=True).filter(archived_at__isnull=True)
    if found.first() is None:
        raise RefusedError(f"{name}_archived")


def _nobody_left(placements: QuerySet[Placement]) -> None:
    live = placements.filter(queries.not_over(queries.today()), cancelled_at__isnull=True)
    _none_left("has_people", live.values("person").distinct().count())


def _none_left(code: str, number: int) -> None:
    if number:
        raise RefusedError(code, params={"number": number})
