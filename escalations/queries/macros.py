"""Macros: which there are for a case, and which somebody may look at."""

from django.db.models import F, Q, QuerySet

from escalations.models import Macro
from portal.accounts.rules import Actor

from .configuration import configurable_services


def macros_for(service_id: int) -> QuerySet[Macro]:
    """What may be run on a case of this service: its own macros, then those of all; none whose template is archived."""
    rows = macros_of(service_id).filter(Q(reply=None) | Q(reply__archived_at=None)).select_related("reply")
    return rows.order_by(F("service").asc(nulls_last=True), "name", "pk")


def macros_of(service_id: int) -> QuerySet[Macro]:
    """The macros of a service and of all, those among them that cannot be run while their template is archived."""
    return Macro.objects.filter(Q(service=service_id) | Q(service=None), archived_at=None)


def macros_shown_to(actor: Actor) -> QuerySet[Macro]:
    """Macros on the pages of configuration, archived ones last: all of them to administrators and auditors; to leads those
    of their services, and those of all services to read."""
    rows = Macro.objects.select_related("service", "reply").order_by(
        F("archived_at").asc(nulls_first=True), F("service__name").asc(nulls_first=True), "name"
    )
    if actor.is_system or actor.can("configure") or actor.can("read_all"):
        return rows
    if not actor.can("configure_service"):
        return rows.none()
    return rows.filter(Q(service__in=configurable_services(actor)) | Q(service=None))
