"""Reads: who acts, and with what standing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.models import Delegation, Membership, User
from portal.accounts.rules import NOT_DELEGABLE, Actor, Standing


def live_memberships(at: datetime) -> QuerySet[Membership]:
    """Memberships in force at an instant, of active users."""
    return Membership.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at), starts_at__lte=at, user__is_active=True)


def live_delegations(at: datetime) -> QuerySet[Delegation]:
    """Delegations in force at an instant."""
    return Delegation.objects.filter(Q(cancelled_at=None) | Q(cancelled_at__gt=at), starts_at__lte=at, ends_at__gt=at)


def actor_for(user: User, at: datetime | None = None) -> Actor:
    """The user with every standing in force, their own and those they hold as a stand-in. One query.

    One level: what a principal holds as somebody else's stand-in is not passed on, nor is the administrator's role.
    """
    moment = at or timezone.now()
    if not user.is_active:
        return Actor(user_id=user.pk, person_id=user.person_id)
    sql, values = _held_by()
    given: dict[Any, Any] = {_SOMEBODY: user.pk, _SOME_TIME: moment}
    with connection.cursor() as cursor:
        cursor.execute(sql, [given.get(value, value) for value in values])
        rows = cursor.fetchall()
    standings = tuple(
        Standing(role, partner, site, service, lead, None if owner == user.pk else owner)
        for owner, role, partner, site, service, lead in rows
    )
    return Actor(user_id=user.pk, person_id=user.person_id, standings=standings)


# Every request asks this, and putting the query together costs more than asking it: so that is done once, for these two.
_SOMEBODY: Final = -(2**62)
_SOME_TIME: Final = datetime(1, 1, 2, tzinfo=UTC)


@cache
def _held_by() -> tuple[str, tuple[Any, ...]]:
    """The statement for what somebody holds at some time, and its values."""
    principals = live_delegations(_SOME_TIME).filter(delegate=_SOMEBODY).values("principal_id")
    rows = (
        live_memberships(_SOME_TIME)
        .filter(Q(user=_SOMEBODY) | (Q(user__in=principals) & ~Q(role__in=NOT_DELEGABLE)))
        .order_by("user_id", "pk")
        .values_list("user_id", "role", "partner_id", "site_id", "service_id", "is_lead")
    )
    sql, values = rows.query.sql_with_params()
    return sql, tuple(values)


def actors_of(user_ids: Iterable[int], at: datetime) -> dict[int, Actor]:
    """Active users as actors, as `actor_for` makes one; three queries whatever their number."""
    wanted = set(user_ids)
    principals: dict[int, set[int]] = defaultdict(set)
    for delegate, principal in (
        live_delegations(at).filter(delegate__in=wanted).values_list("delegate_id", "principal_id")
    ):
        principals[delegate].add(principal)
    held: dict[int, list[Standing]] = defaultdict(list)
    rows = live_memberships(at).filter(user_id__in=wanted.union(*principals.values())).order_by("pk")
    for user, role, partner, site, service, lead in rows.values_list(
        "user_id", "role", "partner_id", "site_id", "service_id", "is_lead"
    ):
        held[user].append(Standing(role, partner, site, service, lead))
    active = User.objects.filter(pk__in=wanted, is_active=True).values_list("pk", "person_id")
    return {
        pk: Actor(pk, person_id=person, standings=tuple(_standings(pk, held, principals[pk]))) for pk, person in active
    }


def _standings(user: int, held: Mapping[int, list[Standing]], principals: Iterable[int]) -> Iterable[Standing]:
    yield from held.get(user, ())
    for principal in sorted(principals):
        for one in held.get(principal, ()):
            if one.role not in NOT_DELEGABLE:
                yield Standing(one.role, one.partner_id, one.site_id, one.service_id, one.is_lead, principal)


def has_second_factor(user_id: int) -> bool:
    """True if the user signs in with a one-time code besides the password."""
    return bool(Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists())


def principals_of(actor: Actor) -> dict[int, str]:
    """Whom this actor stands in for now, by id: for "B for A" on the page. No query without a delegation."""
    ids = actor.principal_ids
    return dict(User.objects.filter(pk__in=ids).order_by("name").values_list("pk", "name")) if ids else {}
