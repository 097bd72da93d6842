"""Rows by the codes that programs name them by, among those that the actor knows."""

from collections.abc import Iterable
from dataclasses import replace

from partners import queries as directory
from portal.accounts.rules import Actor

from .configuration import raisable_service_ids, raisable_site_ids, services_visible_to
from .opening import Named, named


def service_ids(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Services by code, archived ones included; no query for none."""
    wanted = list(codes)
    return dict(services_visible_to(actor).filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


def site_ids(actor: Actor, codes: Iterable[str]) -> dict[str, int]:
    """Sites that the actor sees, by code; no query for none."""
    wanted = list(codes)
    return dict(directory.sites_visible_to(actor).filter(code__in=wanted).values_list("code", "pk")) if wanted else {}


def raisable(
    actor: Actor, service: str, site: str | None, issue: str | None, impact: str = "", urgency: str = ""
) -> Named:
    """The rows of these codes, as far as the actor may raise cases with them; 0 or None for what they may not name, or what is not
    there. One query; a second one for a whole partner."""
    found = named(service, site, issue, impact, urgency)
    services, sites = raisable_service_ids(actor), raisable_site_ids(actor)
    if services is not None and found.service not in services:
        found = replace(found, service=0)
    if sites is not None and found.site not in sites:
        found = replace(found, site=None)
    return found
