"""Reports of trouble and incidents, as far as the reader may see them."""

from django.db.models import Count, Q, QuerySet

from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import TroubleState
from ..models import Incident, TroubleReport
from .scope import SITE_READERS, sees_all, site_ids, systems_worked_by

OPEN = (TroubleState.OPEN, TroubleState.WORKING)


def worked_by(actor: Actor) -> Q:
    """What the actor's IT groups deal with: their systems, and for everybody in IT what names no system."""
    if not actor.has(Role.IT):
        return Q(pk__in=[])
    return Q(system__in=systems_worked_by(actor)) | Q(system=None)


def _visible(actor: Actor) -> Q:
    if sees_all(actor):
        return Q()
    at_sites = Q(site_id__in=site_ids(actor)) if actor.has(*SITE_READERS) else Q(pk__in=[])
    return at_sites | worked_by(actor)


def reports_visible_to(actor: Actor) -> QuerySet[TroubleReport]:
    """Reports of the actor's sites, and those that their IT groups deal with."""
    return TroubleReport.objects.filter(_visible(actor))


def incidents_visible_to(actor: Actor) -> QuerySet[Incident]:
    """Incidents of the actor's sites, and those that their IT groups deal with."""
    return Incident.objects.filter(_visible(actor))


def reports_listed(actor: Actor, *, closed: bool) -> QuerySet[TroubleReport]:
    """Reports to list, with what their rows show; those that are one incident are listed as that."""
    rows = reports_visible_to(actor).select_related("site", "person", "system", "taken_by", "request", "incident")
    return rows.exclude(state__in=OPEN) if closed else rows.filter(state__in=OPEN, incident=None)


def incidents_open(actor: Actor) -> QuerySet[Incident]:
    """Open incidents with the number of their members, the oldest first."""
    rows = incidents_visible_to(actor).filter(closed_at=None).select_related("site", "system")
    return rows.annotate(people=Count("members")).order_by("opened_at", "pk")
