"""Rows by the codes that programs name them by, among those that the actor knows."""

from collections.abc import Iterable

from escalations.models import IssueType
from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from .configuration import RAISING, services_visible_to


def service_ids(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Services by code, archived ones included; no query for none."""
    wanted = list(codes)
    return dict(services_visible_to(actor).filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


def site_ids(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Sites that the actor sees, by code; no query for none."""
    wanted = list(codes)
    return dict(directory.sites_visible_to(actor).filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


def raisable_site_id(actor: Actor, code: str) -> int | None:
    """The site of this code, if the actor may raise cases for it."""
    found = directory.sites_visible_to(actor).filter(archived_at=None, code=code).values_list("pk", flat=True).first()
    anywhere = actor.has(Role.ASSOCIATE) or found is None
    return found if anywhere or found in directory.site_ids_for(actor, *RAISING) else None


def issue_id(code: str) -> int | None:
    """The live issue type of this code."""
    return IssueType.objects.filter(archived_at=None, code=code).values_list("pk", flat=True).first()
