"""Reads: who acts, and with what standing."""

from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from portal.accounts.models import Delegation, Membership, User
from portal.accounts.rules import Actor, Standing


def live_memberships(at: datetime) -> QuerySet[Membership]:
    """Memberships in force at an instant, of active users."""
    return Membership.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=at), starts_at__lte=at, user__is_active=True
    )


def live_delegations(at: datetime) -> QuerySet[Delegation]:
    """Delegations in force at an instant."""
    return Delegation.objects.filter(cancelled_at=None, starts_at__lte=at, ends_at__gt=at)


def actor_for(user: User, at: datetime | None = None) -> Actor:
    """The user with every standing in force, their own and those they hold as a stand-in. One query."""
    moment = at or timezone.now()
    if not user.is_active:
        return Actor(user_id=user.pk, person_id=user.person_id)
    principals = live_delegations(moment).filter(delegate=user).values("principal_id")
    rows = (
        live_memberships(moment)
        .filter(Q(user=user) | Q(user__in=principals))
        .order_by(F("user_id").desc(), "pk")
        .values_list("user_id", "role", "partner_id", "site_id", "service_id", "is_lead")
    )
    standings = tuple(
        Standing(role, partner, site, service, lead, None if owner == user.pk else owner)
        for owner, role, partner, site, service, lead in rows
    )
    return Actor(user_id=user.pk, person_id=user.person_id, standings=standings)
