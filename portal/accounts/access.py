"""The only way to a row about people: fetched and authorised in one call, missing (404) for everybody else."""

from django.db.models import QuerySet
from django.http import Http404

from portal.accounts.models import Delegation, Membership, User
from portal.accounts.rules import Actor


def require_manager(actor: Actor) -> None:
    """Raises Http404 unless the actor manages users (the system does)."""
    if not (actor.is_system or actor.can("manage_users")):
        raise Http404


def get_user(actor: Actor, user_id: int, *, for_update: bool = False) -> User:
    """The user, for those who manage users. Raises Http404."""
    require_manager(actor)
    return _one(User.objects.select_for_update() if for_update else User.objects.all(), user_id)


def view_user(actor: Actor, user_id: int) -> User:
    """The user, for those who may look at users. Raises Http404."""
    if not actor.can("see_users"):
        raise Http404
    return _one(User.objects.all(), user_id)


def get_self(actor: Actor, *, for_update: bool = False) -> User:
    """The actor's own user. Raises Http404 for the system and for visitors."""
    return _one(User.objects.select_for_update() if for_update else User.objects.all(), actor.user_id)


def get_membership(actor: Actor, membership_id: int) -> Membership:
    """The membership, locked after its user, for those who manage users. Raises Http404."""
    require_manager(actor)
    user_id = Membership.objects.filter(pk=membership_id).values_list("user_id", flat=True).first()
    _one(User.objects.select_for_update(), user_id)
    return Membership.objects.select_for_update(of=("self",)).select_related("user").get(pk=membership_id)


def owner_of_membership(actor: Actor, membership_id: int) -> int:
    """Whose membership it is, for those who manage users. Raises Http404."""
    require_manager(actor)
    user_id = Membership.objects.filter(pk=membership_id).values_list("user_id", flat=True).first()
    if user_id is None:
        raise Http404
    return user_id


def principal_of(actor: Actor, delegation_id: int) -> int:
    """Who is stood in for: oneself, or anybody for those who manage users. Raises Http404."""
    found = Delegation.objects.filter(pk=delegation_id).values_list("principal_id", flat=True).first()
    if found is None or not (found == actor.user_id or actor.can("manage_users")):
        raise Http404
    return found


def get_principal(actor: Actor, user_id: int) -> User:
    """The user for whom stand-ins may be named by this actor, locked: oneself, or anybody for those who manage users."""
    if user_id != actor.user_id:
        require_manager(actor)
    return _one(User.objects.select_for_update(), user_id)


def get_delegation(actor: Actor, delegation_id: int) -> Delegation:
    """The delegation, locked after its principal: one's own, or any for those who manage users. Raises Http404."""
    principal_id = Delegation.objects.filter(pk=delegation_id).values_list("principal_id", flat=True).first()
    if principal_id is None:
        raise Http404
    get_principal(actor, principal_id)
    return (
        Delegation.objects.select_for_update(of=("self",)).select_related("delegate", "principal").get(pk=delegation_id)
    )


def _one(users: QuerySet[User], user_id: int | None) -> User:
    found = users.filter(pk=user_id).first() if user_id else None
    if found is None:
        raise Http404
    return found
