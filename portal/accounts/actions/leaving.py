"""How access ends: roles, delegations both ways, invitations and sessions, in one transaction."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from portal.accounts import access
from portal.accounts.actions.invitations import withdraw_invitations
from portal.accounts.actions.memberships import is_last_administrator
from portal.accounts.choices import Refusal
from portal.accounts.models import Delegation, Membership, User
from portal.accounts.registry import end_the_rest
from portal.accounts.rules import Actor, RefusedError
from portal.audit.actions import record, record_many

log = logging.getLogger(__name__)


@transaction.atomic
def deactivate(*, actor: Actor, user_id: int) -> User:
    """End everything of one user at once: they are signed out at their next request. Audited.

    Raises RefusedError for oneself, the last administrator, and somebody inactive; Http404 if the actor does not manage users.
    """
    user = access.get_user(actor, user_id, for_update=True)
    if user.pk == actor.user_id:
        raise RefusedError(Refusal.NOT_YOURSELF)
    if not user.is_active:
        raise RefusedError(Refusal.ENDED)
    if is_last_administrator([user.pk]):
        raise RefusedError(Refusal.LAST_ADMINISTRATOR)
    _end([user.pk], timezone.now())
    record(actor=actor, verb="user.deactivated", subject_type="user", subject_id=user.pk)
    user.refresh_from_db()
    return user


@transaction.atomic
def reactivate(*, actor: Actor, user_id: int) -> User:
    """Let a user sign in again, with no role: what was ended stays ended. Audited. Raises RefusedError if active, Http404."""
    user = access.get_user(actor, user_id, for_update=True)
    if user.is_active:
        raise RefusedError(Refusal.ENDED)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(actor=actor, verb="user.reactivated", subject_type="user", subject_id=user.pk)
    return user


@transaction.atomic
def end_access(*, actor: Actor, user_ids: Iterable[int], at: datetime) -> set[int]:
    """End the access of users whose work here ends at an instant; returns the ids of those it ended. Audited.

    `at` in the past or now: as `deactivate`. Later: roles and delegations end at that instant, sessions with the call
    that comes then. The caller has authorised the actor. An installation's last administrators are left as they are.
    """
    users = list(User.objects.select_for_update().filter(pk__in=list(user_ids), is_active=True).order_by("pk"))
    ids = [user.pk for user in users]
    if ids and is_last_administrator(ids):
        kept = set(
            Membership.objects.filter(user__in=ids, role="administrator", ended_at=None).values_list(
                "user_id", flat=True
            )
        )
        log.error("access of the last administrators kept: %s", sorted(kept))
        ids = [pk for pk in ids if pk not in kept]
    if at <= timezone.now():
        _end(ids, timezone.now())
    else:
        _limit(ids, at)
    changes = {"at": at.isoformat()}
    record_many(actor=actor, verb="user.access_ended", subject_type="user", changes_by_id=dict.fromkeys(ids, changes))
    return set(ids)


def _end(user_ids: list[int], at: datetime) -> None:
    _limit(user_ids, at)
    withdraw_invitations(user_ids)
    end_the_rest(user_ids, at)
    User.objects.filter(pk__in=user_ids).update(is_active=False, session_version=F("session_version") + 1)


def _limit(user_ids: list[int], at: datetime) -> None:
    """Let no role and no delegation go on after this instant."""
    going_on = Q(ended_at=None) | Q(ended_at__gt=at)
    Membership.objects.filter(going_on, user__in=user_ids).update(ended_at=Greatest(F("starts_at"), at))
    touched = Q(principal__in=user_ids) | Q(delegate__in=user_ids)
    delegations = Delegation.objects.filter(touched, cancelled_at=None, ends_at__gt=at)
    delegations.filter(starts_at__lt=at).update(ends_at=at)
    delegations.filter(starts_at__gte=at).update(cancelled_at=timezone.now())
