"""Which rows of the directory an actor may see. Every other read starts here."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.choices import Role
from portal.accounts.rules import Actor
from portal.ui.glance import seen_once

from .. import rules
from ..models import Engagement, Partner, Person, Placement, Programme, Queue, Site, Team


def sites_of(actor: Actor, *roles: str) -> QuerySet[Site]:
    """Sites named by the actor's memberships in these roles; a membership of a partner names all its sites."""
    standings = actor.of(*roles)
    site_ids = {s.site_id for s in standings if s.site_id is not None}
    partner_ids = {s.partner_id for s in standings if s.partner_id is not None}
    if not site_ids and not partner_ids:
        return Site.objects.none()
    return Site.objects.filter(Q(pk__in=site_ids) | Q(partner_id__in=partner_ids))


def site_ids_for(actor: Actor, *roles: str) -> set[int]:
    """Ids of the sites named by the actor's memberships in these roles (all roles when none is given)."""
    standings = actor.of(*roles) if roles else actor.standings
    found = {s.site_id for s in standings if s.site_id is not None}
    partner_ids = {s.partner_id for s in standings if s.partner_id is not None}
    return found | _sites_of_partners(frozenset(partner_ids)) if partner_ids else found


def _sites_of_partners(partner_ids: frozenset[int]) -> frozenset[int]:
    rows = Site.objects.filter(partner_id__in=partner_ids).order_by()
    return seen_once(("sites", partner_ids), lambda: frozenset(rows.values_list("pk", flat=True)))


def sites_visible_to(actor: Actor) -> QuerySet[Site]:
    """Sites whose name the actor may see; associates see all, since cases come from everywhere."""
    if rules.sees_all(actor) or actor.has(Role.ASSOCIATE):
        return Site.objects.all()
    return sites_of(actor, *rules.SITE_READERS, Role.AGENT)


def partners_visible_to(actor: Actor) -> QuerySet[Partner]:
    """Partners of the sites the actor may see, and those their memberships name."""
    if rules.sees_all(actor) or actor.has(Role.ASSOCIATE):
        return Partner.objects.all()
    named = {s.partner_id for s in actor.of(*rules.SITE_READERS) if s.partner_id is not None}
    return Partner.objects.filter(Q(pk__in=named) | Q(pk__in=sites_visible_to(actor).values("partner")))


def programmes_visible_to(actor: Actor) -> QuerySet[Programme]:
    """Programmes of the sites the actor may see."""
    return Programme.objects.filter(site__in=sites_visible_to(actor))


def queues_visible_to(actor: Actor) -> QuerySet[Queue]:
    """Queues of the programmes the actor may see."""
    return Queue.objects.filter(programme__site__in=sites_visible_to(actor))


def teams_visible_to(actor: Actor) -> QuerySet[Team]:
    """Teams of the sites the actor may see."""
    return Team.objects.filter(programme__site__in=sites_visible_to(actor))


def sites_editable_by(actor: Actor) -> QuerySet[Site]:
    """Sites whose people, programmes and teams the actor may change."""
    return Site.objects.all() if rules.configuring(actor) else sites_of(actor, *rules.SITE_EDITORS)


def sites_with_people(actor: Actor) -> QuerySet[Site]:
    """Sites whose people the actor may see."""
    return Site.objects.all() if rules.sees_all(actor) else sites_of(actor, *rules.SITE_READERS)


def placements_visible_to(actor: Actor) -> QuerySet[Placement]:
    """Placements, past ones included, at the sites whose people the actor may see."""
    placements = Placement.objects.filter(cancelled_at__isnull=True)
    return placements if rules.sees_all(actor) else placements.filter(site__in=sites_with_people(actor))


def engagements_visible_to(actor: Actor) -> QuerySet[Engagement]:
    """Engagements by the partners of the sites whose people the actor may see."""
    if rules.sees_all(actor):
        return Engagement.objects.all()
    named = {s.partner_id for s in actor.of(*rules.SITE_EDITORS) if s.partner_id is not None}
    return Engagement.objects.filter(
        Q(employer_id__in=named) | Q(employer__in=sites_with_people(actor).values("partner"))
    )


def people_visible_to(actor: Actor) -> QuerySet[Person]:
    """People placed, now or once, at a site whose people the actor may see, or engaged by a partner in their charge."""
    if rules.sees_all(actor):
        return Person.objects.all()
    if not actor.has(*rules.SITE_READERS):
        return Person.objects.none()
    placed = Exists(placements_visible_to(actor).filter(person=OuterRef("pk")))
    named = {s.partner_id for s in actor.of(*rules.SITE_EDITORS) if s.partner_id is not None}
    if not named:
        return Person.objects.filter(placed)
    engaged = Exists(Engagement.objects.filter(person=OuterRef("pk"), employer_id__in=named))
    return Person.objects.filter(placed | engaged)
