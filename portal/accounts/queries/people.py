"""Reads of the people themselves: the administrators' list, a user's roles, who may stand in for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.models import Delegation, Invitation, Membership, User
from portal.accounts.queries.standing import live_memberships
from portal.accounts.registry import scope_names
from portal.accounts.rules import COMPANY_ROLES, PARTNER_ROLES, Actor
from portal.audit.registry import Named

DelegationState = Literal["now", "later", "over", "cancelled"]
UserState = Literal["active", "invited", "expired", "inactive"]
_MAX_FOUND = 200
_DELEGATIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One membership in words."""

    membership: Membership
    role: str
    scope: str


@dataclass(frozen=True, slots=True)
class DelegationLine:
    """One delegation, whether it is in force, and whether the reader may cancel it."""

    row: Delegation
    state: DelegationState
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    """One line of the list of users."""

    user: User
    state: UserState
    roles: tuple[RoleLine, ...]
    second_factor: bool


def users_visible_to(actor: Actor) -> QuerySet[User]:
    """All users for those who may look at them, nobody for others."""
    return User.objects.all() if actor.can("see_users") else User.objects.none()


def filtered(
    users: QuerySet[User], *, text: str = "", role: str = "", scope: tuple[str, int] | None = None, state: str = ""
) -> QuerySet[User]:
    """Users whose name or address has the text, and who hold such a role there now, in one and the same membership."""
    if text:
        users = users.filter(Q(name__icontains=text) | Q(email__icontains=text))
    if role or scope:
        held = Membership.objects.filter(user=OuterRef("pk"), ended_at=None)
        held = held.filter(role=role) if role else held
        held = held.filter(**{f"{scope[0]}_id": scope[1]}) if scope else held
        users = users.filter(Exists(held))
    states = {
        "active": Q(is_active=True) & ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX),
        "invited": Q(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX),
        "inactive": Q(is_active=False),
    }
    return users.filter(states[state]) if state in states else users


def rows_of(users: Sequence[User], known: Mapping[tuple[str, int], str] | None = None) -> list[UserRow]:
    """The users with their present roles and state. A constant number of queries, whatever the number of users.

    `known` are labels of scopes that the page has already; only others are looked up.
    """
    ids = [user.pk for user in users]
    memberships = Membership.objects.filter(user__in=ids, ended_at=None).order_by("pk")
    lines = _by_user(memberships, known or {})
    marks = _marks(ids)
    return [
        UserRow(user, _state(user, marks[user.pk][1]), tuple(lines.get(user.pk, ())), marks[user.pk][0])
        for user in users
    ]


def _marks(ids: Sequence[int]) -> dict[int, tuple[bool, bool]]:
    """Who has a second factor, and who an invitation that still works. One query."""
    codes = Authenticator.objects.filter(user=OuterRef("pk"), type="totp")
    live = Invitation.objects.filter(
        user=OuterRef("pk"), accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now()
    )
    rows = User.objects.filter(pk__in=ids).annotate(has_code=Exists(codes), is_invited=Exists(live))
    return {pk: (code, invited) for pk, code, invited in rows.values_list("pk", "has_code", "is_invited")}


def memberships_of(user: User) -> list[RoleLine]:
    """All roles of a user, present ones first, then the latest ended."""
    rows = Membership.objects.filter(user=user).order_by("-pk")
    return sorted(_lines(rows), key=lambda line: line.membership.ended_at is not None)


def delegations_of(user: User, actor: Actor) -> list[DelegationLine]:
    """Delegations given and held, latest first, cancelled ones as well; and which of them the actor may cancel."""
    rows = Delegation.objects.filter(Q(principal=user) | Q(delegate=user)).select_related("principal", "delegate")
    now = timezone.now()
    return [_delegation_line(row, actor, now) for row in rows.order_by("-starts_at", "-pk")[:_DELEGATIONS_SHOWN]]


def _delegation_line(row: Delegation, actor: Actor, now: datetime) -> DelegationLine:
    state: DelegationState = "now"
    if row.cancelled_at is not None:
        state = "cancelled"
    elif row.ends_at <= now:
        state = "over"
    elif row.starts_at > now:
        state = "later"
    mine = row.principal_id == actor.user_id or actor.can("manage_users")
    return DelegationLine(row, state, mine and state in {"now", "later"})


def stand_ins_for(principal: User) -> QuerySet[User]:
    """Who may stand in for this person: colleagues. For people of the company those of the company; for people of a
    partner those of the same partner. Nobody learns from it who works anywhere else."""
    now = timezone.now()
    held = live_memberships(now).filter(user=principal)
    live = live_memberships(now).filter(user=OuterRef("pk"))
    if held.filter(role__in=COMPANY_ROLES).exists():
        fit = Exists(live.filter(role__in=COMPANY_ROLES))
    else:
        partners = held.filter(role__in=PARTNER_ROLES).values("site__partner")
        fit = Exists(live.filter(role__in=PARTNER_ROLES, site__partner__in=partners))
    return User.objects.filter(fit, is_active=True).exclude(pk=principal.pk)


def person_with(email: str) -> int | None:
    """The directory's person of this address who has no user yet; addresses are unique there."""
    people = User._meta.get_field("person").related_model
    if people is None or isinstance(people, str):
        return None
    found = people._default_manager.filter(email__iexact=email, user=None).values_list("pk", flat=True)
    return found.first()


def names_of(ids: Sequence[int]) -> dict[int, Named]:
    """For the trail: what users are called, and their pages. One query."""
    found = User.objects.filter(pk__in=ids).values_list("pk", "name")
    return {pk: Named(name, reverse("accounts:user", args=[pk])) for pk, name in found}


def person_ids_of(ids: Iterable[int]) -> dict[int, int | None]:
    """The person that each of these users is, None for those who are no partner's; one query."""
    return dict(User.objects.filter(pk__in=list(ids)).values_list("pk", "person_id"))


def find_people(text: str) -> list[int]:
    """The ids of users whose name or address has this text, at most 200."""
    found = filtered(User.objects.all(), text=text)
    return list(found.order_by("pk").values_list("pk", flat=True)[:_MAX_FOUND])


def _by_user(memberships: Iterable[Membership], known: Mapping[tuple[str, int], str]) -> Mapping[int, list[RoleLine]]:
    found: dict[int, list[RoleLine]] = {}
    for line in _lines(memberships, known):
        found.setdefault(line.membership.user_id, []).append(line)
    return found


def _lines(memberships: Iterable[Membership], known: Mapping[tuple[str, int], str] | None = None) -> list[RoleLine]:
    have = dict(known or {})
    rows = list(memberships)
    ids: dict[str, list[int]] = {"partner": [], "site": [], "service": []}
    for row in rows:
        kind, pk = scope_of(row)
        if kind and (kind, pk) not in have:
            ids[kind].append(pk)
    names = have | scope_names({kind: sorted(set(found)) for kind, found in ids.items()})
    return [RoleLine(row, str(Role(row.role).label), names.get(scope_of(row), "")) for row in rows]


def scope_of(row: Membership) -> tuple[str, int]:
    """What a membership names: ("site", 12); ("", 0) for one that names nothing."""
    for kind in ("partner", "site", "service"):
        pk = getattr(row, f"{kind}_id")
        if pk is not None:
            return kind, pk
    return "", 0


def _state(user: User, invited: bool) -> UserState:
    if not user.is_active:
        return "inactive"
    if user.has_usable_password():
        return "active"
    return "invited" if invited else "expired"
