"""What an actor may see of access. Every list, count and export starts at one of these."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from partners import queries as directory
from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import DISPATCHED_STATES, ItemState
from ..models import AccessRequest, ExceptionRequest, Grant, GroupMember, RequestItem, System

SEE_ALL = (Role.ADMINISTRATOR, Role.AUDITOR)
SITE_READERS = (Role.COORDINATOR, Role.MANAGER, Role.PARTNER_LEAD)


def sees_all(actor: Actor) -> bool:
    """True for the system and for roles that read everything about access."""
    return actor.is_system or actor.has(*SEE_ALL)


def user_ids(actor: Actor) -> set[int]:
    """The user and everyone they stand in for."""
    return {actor.user_id or 0, *actor.principal_ids}


def group_ids(actor: Actor) -> set[int]:
    """Groups that the actor, or whoever they stand in for, is in now."""
    rows = GroupMember.objects.filter(user_id__in=user_ids(actor), ended_at=None)
    return set(rows.values_list("group_id", flat=True))


def site_ids(actor: Actor) -> set[int]:
    """Sites whose requests, grants and readiness the actor sees."""
    return directory.site_ids_for(actor, *SITE_READERS)


def systems_worked_by(actor: Actor) -> QuerySet[System]:
    """Systems whose items the actor carries out: those of the IT groups they are in, in the role of IT fulfilment."""
    if actor.is_system:
        return System.objects.all()
    workers = {s.principal_id or actor.user_id or 0 for s in actor.of(Role.IT)}
    mine = GroupMember.objects.filter(user_id__in=workers, ended_at=None).values("group_id")
    return System.objects.filter(group_id__in=mine)


def deciding(actor: Actor) -> Q:
    """Items that the actor may be asked to decide, at the stage where they are, or has decided."""
    users, groups = user_ids(actor), group_ids(actor)
    managed = directory.site_ids_for(actor, Role.MANAGER)
    here = Q(state=ItemState.AWAITING_APPROVAL, rule__stages__number=F("stage"))
    return Q(decisions__decided_by_id=actor.user_id or 0) | here & (
        Q(rule__stages__kind="system_owner", entitlement__system__owner_id__in=users)
        | Q(rule__stages__kind__in=["group_any", "group_all"], rule__stages__group_id__in=groups)
        | Q(rule__stages__kind="site_manager", request__site_id__in=managed)
    )


def visible_to(actor: Actor) -> QuerySet[AccessRequest]:
    """Requests of the actor's sites, those they made, and those they are asked to decide."""
    if sees_all(actor):
        return AccessRequest.objects.all()
    asked = RequestItem.objects.filter(deciding(actor), request=OuterRef("pk"))
    return AccessRequest.objects.filter(
        Q(site_id__in=site_ids(actor)) | Q(requested_by_id__in=user_ids(actor)) | Exists(asked)
    )


def items_visible_to(actor: Actor) -> QuerySet[RequestItem]:
    """Items of the requests that the actor sees; IT and owners of systems see those handed to theirs, and no others."""
    if sees_all(actor):
        return RequestItem.objects.all()
    theirs = Q(entitlement__system__in=systems_worked_by(actor)) | Q(entitlement__system__owner_id__in=user_ids(actor))
    dispatched = theirs & Q(state__in=[*DISPATCHED_STATES, ItemState.VERIFIED])
    return RequestItem.objects.filter(Q(request__in=visible_to(actor)) | dispatched)


def grants_visible_to(actor: Actor) -> QuerySet[Grant]:
    """Grants of people whom the actor sees in their role for the site."""
    if sees_all(actor):
        return Grant.objects.all()
    if not actor.has(*SITE_READERS):
        return Grant.objects.none()
    return Grant.objects.filter(person__in=directory.people_visible_to(actor))


def exceptions_visible_to(actor: Actor) -> QuerySet[ExceptionRequest]:
    """Exceptions that were asked for, of the requests that the actor sees."""
    return ExceptionRequest.objects.filter(item__request__in=visible_to(actor))
