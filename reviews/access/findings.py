"""Observations, findings and shared practices, fetched and authorised. Out of sight: Http404; not theirs to change: PermissionDenied."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import FindingKind
from ..models import Engagement, Finding, Observation, Sharing
from ..queries.scope import engagements_visible_to, findings_visible_to, sharings_visible_to, sites_visible_to
from ..rules import standing

if TYPE_CHECKING:
    from partners.models import Site

#: Who of a partner writes best practices down, and answers those of others.
SPEAKERS: Final = (Role.PARTNER_LEAD.value, Role.PARTNER_QA.value)


def place_of(site: "Site") -> standing.Place:
    """A site as a place."""
    return standing.Place(site.pk, site.partner_id)


def kinds_for(actor: Actor, site: "Site") -> list[FindingKind]:
    """What the actor may write down at a site: the company all kinds, its partner best practices."""
    found = standing.side_of(actor, place_of(site), speakers=SPEAKERS)
    if found is None:
        return []
    return list(FindingKind) if found[0] == standing.COMPANY else [FindingKind.PRACTICE]


def sites_to_find_at(actor: Actor) -> "list[Site]":
    """Sites in use at which the actor writes something down."""
    sites = sites_visible_to(actor).filter(archived_at=None).select_related("partner").order_by("name")
    return [site for site in sites if kinds_for(actor, site)]


def writing(actor: Actor, site: "Site", kind: str) -> Actor:
    """The actor as who they write a finding of this kind. Raises PermissionDenied."""
    found = standing.side_of(actor, place_of(site), speakers=SPEAKERS)
    if found is None or kind not in kinds_for(actor, site):
        raise PermissionDenied
    return found[1]


def get_finding(actor: Actor, pk: int, *, for_update: bool = False) -> Finding:
    """A finding at a site of the actor."""
    rows = findings_visible_to(actor).select_related("site__partner", "theme", "by", "engagement", "observation")
    found = (rows.select_for_update(of=("self",), no_key=True) if for_update else rows).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def finding_to_change(actor: Actor, pk: int) -> tuple[Finding, Actor]:
    """A finding, locked, and the actor as who they change it."""
    found = get_finding(actor, pk, for_update=True)
    return found, writing(actor, found.site, found.kind)


def get_engagement(actor: Actor, pk: int) -> Engagement:
    """A meeting or visit with a site."""
    found = engagements_visible_to(actor).filter(pk=pk, site__isnull=False).select_related("site__partner").first()
    if found is None:
        raise Http404
    return found


def observing(actor: Actor, engagement: Engagement) -> Actor | None:
    """The actor as who they write observations down, or None."""
    return standing.running(actor, place_of(engagement.site)) if engagement.site else None


def observation_to_change(actor: Actor, pk: int) -> tuple[Observation, Actor]:
    """An observation, locked, and the actor as who they take it back."""
    rows = Observation.objects.filter(
        engagement__in=engagements_visible_to(actor).values("pk"), engagement__site__isnull=False
    )
    found = (
        rows.select_for_update(of=("self",), no_key=True)
        .select_related("engagement__site__partner")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    allowed = observing(actor, found.engagement)
    if allowed is None:
        raise PermissionDenied
    return found, allowed


def get_sharing(actor: Actor, pk: int, *, for_update: bool = False) -> Sharing:
    """A practice that was offered to a site of the actor, or by one."""
    rows = sharings_with_page(actor).select_related(
        "finding__site__partner", "finding__theme", "site__partner", "shared_by"
    )
    found = (rows.select_for_update(of=("self",), no_key=True) if for_update else rows).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def sharings_with_page(actor: Actor) -> QuerySet[Sharing]:
    """Those that the actor can open: one that was withdrawn before anybody answered is gone."""
    return sharings_visible_to(actor).exclude(finding__withdrawn_at__isnull=False, adoption="")


def answering(actor: Actor, sharing: Sharing) -> Actor | None:
    """The actor as who they answer for the site that a practice was offered to, or None."""
    found = standing.side_of(actor, place_of(sharing.site), speakers=SPEAKERS)
    return found[1] if found else None


def namer(actor: Actor, sites: Iterable["Site"]) -> "Callable[[Site, Site], str]":
    """What to call each of these sites in a matter of another: its name if it is in the actor's sight, or of the same partner. One query."""
    seen = set(sites_visible_to(actor).filter(pk__in={one.pk for one in sites}).values_list("pk", flat=True))

    def name(site: "Site", own: "Site") -> str:
        known = own.partner_id == site.partner_id or site.pk in seen
        return site.label if known else _("A site of the network")

    return name
