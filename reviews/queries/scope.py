"""Whose reviews an actor may see. Every page of the wing starts here.

A row is about a site, a partner (all of its sites) or the whole network: whoever does not see every site of it does not see the row.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from escalations import queries as cases
from kpis.queries import scope as figures
from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import PackState
from ..models import Action, Attendee, Engagement, Finding, Pack, Series, Sharing

if TYPE_CHECKING:
    from partners.models import Site


@dataclass(frozen=True, slots=True)
class Sight:
    """What an actor sees of the directory, read once for a page that asks for many rows: a database that is told the sites
    by number knows how few rows they have, and finds them by index.

    `sites`: all of them by name, those no longer in use as well; `partner_ids`: of which every site in use is seen.
    """

    sites: "tuple[Site, ...]"
    partner_ids: frozenset[int]
    network: bool


def reads_reviews(actor: Actor) -> bool:
    """True for roles that see packs, meetings and actions somewhere: not associates, agents and IT."""
    return figures.reads_figures(actor)


def sites_visible_to(actor: Actor) -> "QuerySet[Site]":
    """The sites whose reviews the actor reads."""
    return figures.sites_visible_to(actor)


def whole_partner_ids(actor: Actor) -> Collection[int] | None:
    """Partners of which the actor sees every site in use; None: of all."""
    if figures.sees_all(actor):
        return None
    seen = set(sites_visible_to(actor).values_list("pk", flat=True))
    sites = directory.live_sites().values_list("partner_id", "pk")
    partners = {partner for partner, _site in sites}
    return partners - {partner for partner, site in sites if site not in seen}


def sees_network(actor: Actor) -> bool:
    """True for those of the company who see every site in use."""
    if figures.sees_all(actor):
        return True
    if not _of_company(actor):
        return False
    return not directory.live_sites().exclude(pk__in=sites_visible_to(actor).values("pk")).exists()


def sight_of(actor: Actor) -> Sight:
    """What `place_condition` comes to, as it is now. Two queries."""
    seen = tuple(sites_visible_to(actor).order_by("name", "pk"))
    ids = {site.pk for site in seen}
    unseen = {partner for partner, pk in directory.live_sites().values_list("partner_id", "pk") if pk not in ids}
    return Sight(seen, frozenset(site.partner_id for site in seen) - unseen, not unseen and _of_company(actor))


def place_condition(actor: Actor, sight: Sight | None = None) -> Q:
    """Which rows with a site, a partner or neither are about what the actor sees in whole."""
    if not reads_reviews(actor):
        return Q(pk__in=())
    if figures.sees_all(actor):
        return Q()
    if sight:
        of_site = Q(site__in=[site.pk for site in sight.sites])
        of_partner = Q(site=None, partner__in=sight.partner_ids)
        return of_site | of_partner | (Q(site=None, partner=None) if sight.network else Q(pk__in=()))
    seen = sites_visible_to(actor)
    unseen = directory.live_sites().exclude(pk__in=seen.values("pk"))
    of_site = Q(site__in=seen.values("pk"))
    of_partner = Q(site=None, partner__in=seen.values("partner")) & ~Q(partner__in=unseen.values("partner"))
    whole = Q(~Exists(unseen), site=None, partner=None) if _of_company(actor) else Q(pk__in=())
    return of_site | of_partner | whole


def _of_company(actor: Actor) -> bool:
    return actor.has(Role.COORDINATOR, Role.MANAGER)


def packs_visible_to(actor: Actor) -> QuerySet[Pack]:
    """Packs about what the actor sees in whole; the partner's side sees them from the draft on."""
    rows = Pack.objects.filter(place_condition(actor))
    return rows if figures.sees_all(actor) or _of_company(actor) else rows.exclude(state=PackState.WAITING)


def engagements_visible_to(actor: Actor) -> QuerySet[Engagement]:
    """Meetings and visits about what the actor sees in whole, and those they are invited to."""
    rows = Engagement.objects.all()
    if figures.sees_all(actor):
        return rows
    invited = Exists(Attendee.objects.filter(engagement=OuterRef("pk"), user=actor.user_id))
    return rows.filter(place_condition(actor) | (Q(invited) if reads_reviews(actor) else Q(pk__in=())))


def series_visible_to(actor: Actor) -> QuerySet[Series]:
    """Series about what the actor sees in whole, and those they belong to."""
    rows = Series.objects.all()
    if figures.sees_all(actor):
        return rows
    belongs = Q(pk__in=Series.objects.filter(members__user=actor.user_id).values("pk"))
    return rows.filter(place_condition(actor) | (belongs if reads_reviews(actor) else Q(pk__in=())))


def findings_visible_to(actor: Actor) -> QuerySet[Finding]:
    """Findings at the actor's sites. What another site shares is reached by its `Sharing`."""
    return Finding.objects.filter(site__in=_site_ids(actor))


def sharings_visible_to(actor: Actor) -> QuerySet[Sharing]:
    """Best practices that were offered to the actor's sites, or that these offered."""
    sites = _site_ids(actor)
    return Sharing.objects.filter(Q(site__in=sites) | Q(finding__site__in=sites))


def actions_visible_to(actor: Actor, sight: Sight | None = None) -> QuerySet[Action]:
    """Actions about what the actor sees in whole, and their own; one that came of a case only with the case."""
    if actor.is_system:
        return Action.objects.all()
    of_case = Q(case=None) | Q(case__in=cases.visible_to(actor).values("pk"))
    return _in_place(actor, sight).filter(of_case)


def actions_of(actor: Actor, case_id: int) -> QuerySet[Action]:
    """Those that came of a case which the actor has been let see."""
    return _in_place(actor).filter(case=case_id)


def _in_place(actor: Actor, sight: Sight | None = None) -> QuerySet[Action]:
    rows = Action.objects.all()
    if figures.sees_all(actor):
        return rows
    return rows.filter(
        place_condition(actor, sight) | (Q(owner=actor.user_id) if reads_reviews(actor) else Q(pk__in=()))
    )


def _site_ids(actor: Actor) -> "QuerySet[Site, int]":
    sites = sites_visible_to(actor) if reads_reviews(actor) else sites_visible_to(actor).none()
    return sites.values_list("pk", flat=True)
