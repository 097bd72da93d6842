"""Who owns what failed."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet

from portal.accounts.choices import Role
from portal.accounts.rules import Actor

from ..choices import ItemState
from ..models import GroupMember, RequestItem, System
from .scope import systems_worked_by, user_ids


def owned_by(actor: Actor) -> QuerySet[RequestItem]:
    """Items of systems that the actor owns or whose IT group they are in; all for administrators and the system."""
    if actor.is_system or actor.has(Role.ADMINISTRATOR):
        return RequestItem.objects.all()
    return RequestItem.objects.filter(
        Q(entitlement__system__in=systems_worked_by(actor)) | Q(entitlement__system__owner_id__in=user_ids(actor))
    )


def failures_of(actor: Actor) -> QuerySet[RequestItem]:
    """What has failed for good and is the actor's to deal with."""
    return owned_by(actor).filter(state=ItemState.FAILED_FINAL)


def owners_of(item_ids: Collection[int]) -> Mapping[int, set[int]]:
    """Item -> users who own it: the system's owner and its IT group. Two queries."""
    rows = RequestItem.objects.filter(pk__in=item_ids)
    found = list(rows.values_list("pk", "entitlement__system__owner_id", "entitlement__system__group_id"))
    groups = {group for _pk, _owner, group in found if group}
    members: dict[int, set[int]] = defaultdict(set)
    live = GroupMember.objects.filter(group_id__in=groups, ended_at=None)
    for group, user in live.values_list("group_id", "user_id"):
        members[group].add(user)
    return {pk: {owner} - {None} | members[group] for pk, owner, group in found}


def owns_systems(actor: Actor) -> bool:
    """Whether the actor, or whoever they stand in for, owns a system."""
    return System.objects.filter(owner_id__in=user_ids(actor)).exists()
