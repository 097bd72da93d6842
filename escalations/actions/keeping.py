"""Who keeps access when a case becomes restricted."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from escalations import rules
from escalations.choices import Entry, GrantKind
from escalations.models import Case, CaseGrant
from escalations.queries import live_grants
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor

from ._base import add_entry


def keep_access(
    case: Case,
    acting: Actor,
    user_ids: Iterable[int | None],
    at: datetime,
    *,
    until: Mapping[int, datetime | None] | None = None,
) -> None:
    """Grants without a granter for those who work the case now, so that restricting it locks nobody out mid-work.
    `until`: when access ends, by user."""
    ends = until or {}
    wanted = {pk for pk in user_ids if pk is not None}
    holding = set(live_grants(at).filter(case=case, user_id__in=wanted).values_list("user_id", flat=True))
    for user_id, person in sorted(actors_of(wanted - holding, at).items()):
        if may_hold(person):
            CaseGrant.objects.create(
                case=case, user_id=user_id, kind=GrantKind.GRANT, starts_at=at, expires_at=ends.get(user_id)
            )
            add_entry(case, acting, Entry.GRANT, "grant.kept", at, params={"user": user_id})


def may_hold(person: Actor) -> bool:
    """Whether a grant would count for this person."""
    return any(s.principal_id is None and s.role in rules.GRANTABLE_ROLES for s in person.standings)
