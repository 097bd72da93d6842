"""Who keeps access when a case becomes restricted, and whose ends when it is not any more."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import F

from escalations import rules
from escalations.choices import Entry, GrantKind
from escalations.models import Case, CaseGrant
from escalations.queries import live_grants
from portal.accounts.queries import actors_of, live_delegations
from portal.accounts.rules import Actor

from ._base import add_entry, trail


def keep_access(
    case: Case,
    acting: Actor,
    user_ids: Iterable[int | None],
    at: datetime,
    *,
    until: Mapping[int, datetime | None] | None = None,
) -> None:
    """Grants without a granter for those who work the case now, so that restricting it locks nobody out mid-work.
    `until`: when access ends, by user. Whoever stands in for somebody keeps it no longer than they do."""
    ends = dict(until or {})
    for user_id, stands_in_until in _standing_in(acting, at):
        ends[user_id] = earliest([ends.get(user_id), stands_in_until])
    wanted = {pk for pk in user_ids if pk is not None}
    holding = set(live_grants(at).filter(case=case, user_id__in=wanted).values_list("user_id", flat=True))
    for user_id, person in sorted(actors_of(wanted - holding, at).items()):
        if may_hold(person):
            CaseGrant.objects.create(
                case=case, user_id=user_id, kind=GrantKind.GRANT, starts_at=at, expires_at=ends.get(user_id)
            )
            add_entry(case, acting, Entry.GRANT, "grant.kept", at, params={"user": user_id})


def end_access(case: Case, at: datetime) -> list[int]:
    """The restriction is lifted: all that was given for it ends, so that it opens no later one. Returns whose access was
    live; `tell_ended` says so. The caller writes the other sensitivity next: what is left then, the database ends."""
    live = set(live_grants(at).filter(case=case).values_list("user_id", flat=True))
    CaseGrant.objects.filter(case=case, lifted_at=None).update(lifted_at=at)
    return sorted(live)


def tell_ended(case: Case, acting: Actor, user_ids: Iterable[int], at: datetime) -> None:
    """Whose access ended with the restriction, in the stream and the trail."""
    for user_id in user_ids:
        add_entry(case, acting, Entry.GRANT, "grant.ended", at, params={"user": user_id})
        trail(acting, "case.grant_ended", case, {"user": user_id})


def _standing_in(acting: Actor, at: datetime) -> list[tuple[int, datetime]]:
    if acting.user_id is None or acting.principal_id is None:
        return []
    rows = live_delegations(at).filter(principal=acting.principal_id, delegate=acting.user_id)
    return list(rows.values_list("delegate_id", "ends_at"))


def held_until(case: Case, user_ids: Iterable[int | None], at: datetime) -> dict[int, datetime | None]:
    """Until when those of these people who have access to a restricted case have it, by grant or by emergency."""
    rows = live_grants(at).filter(case=case, user_id__in=[pk for pk in user_ids if pk is not None])
    # Of several, the one that lasts longest is the last, and counts.
    return dict(rows.order_by(F("expires_at").asc(nulls_last=True)).values_list("user_id", "expires_at"))


def earliest(ends: Iterable[datetime | None]) -> datetime | None:
    """The first of these ends; None if there is none."""
    return min((one for one in ends if one is not None), default=None)


def may_hold(person: Actor) -> bool:
    """Whether a grant would count for this person."""
    return any(s.principal_id is None and s.role in rules.GRANTABLE_ROLES for s in person.standings)
