"""Rows by the codes that programs name them by, among those that the actor knows."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Subquery

from escalations.models import IssueType
from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from .configuration import RAISING, raisable_services, services_visible_to


def service_ids(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Services by code, archived ones included; no query for none."""
    wanted = list(codes)
    return dict(services_visible_to(actor).filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


def site_ids(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Sites that the actor sees, by code; no query for none."""
    wanted = list(codes)
    return dict(directory.sites_visible_to(actor).filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


@dataclass(frozen=True, slots=True)
class Raisable:
    """What a new case names, as ids; 0 or None for what the actor may not name, or what is not there."""

    service: int
    site: int | None
    issue: int | None


def raisable(actor: Actor, service: str, site: str | None, issue: str | None) -> Raisable:
    """The rows of these codes, as far as the actor may raise cases with them. One query; a second one for a whole partner."""
    sites = directory.sites_visible_to(actor).filter(archived_at=None, code=site or "")
    if not actor.has(Role.ASSOCIATE):
        sites = sites.filter(pk__in=directory.site_ids_for(actor, *RAISING))
    issues = IssueType.objects.filter(archived_at=None, code=issue or "")
    found = (
        raisable_services(actor)
        .filter(code=service)
        .values_list("pk", Subquery(sites.order_by().values("pk")[:1]), Subquery(issues.values("pk")[:1]))
        .first()
    )
    return Raisable(*(found or (0, None, None)))
