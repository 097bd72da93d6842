"""Those who stand in for others: they hear what whoever they stand in for hears, and what waits when they begin."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.rules import Actor
from portal.notifications.registry import Delivery

from ..models import ExceptionRequest, RequestItem
from .approvals import exceptions_waiting, waiting_for
from .matters import deciders_of, managers_instead, with_items

#: How long ago a stand-in may have begun, or been named, without having heard of it (workers may be down).
NEWS_FOR: Final = timedelta(days=2)
_AT_ONCE: Final = 1000


def with_stand_ins[K](users_by: Mapping[K, Iterable[int]], at: datetime) -> dict[K, set[int]]:
    """The same with everybody who stands in for one of the users now. One query."""
    found = {key: set(users) for key, users in users_by.items()}
    wanted = set().union(*found.values())
    stand_ins: dict[int, set[int]] = defaultdict(set)
    rows = accounts.live_delegations(at).filter(principal__in=wanted, delegate__is_active=True)
    for principal, delegate in rows.values_list("principal_id", "delegate_id"):
        stand_ins[principal].add(delegate)
    return {key: users.union(*(stand_ins[one] for one in users if one in stand_ins)) for key, users in found.items()}


def fresh_stand_ins(at: datetime) -> list[int]:
    """Delegations in force that began, or were written down, not long ago."""
    since = at - NEWS_FOR
    rows = accounts.live_delegations(at).filter(Q(starts_at__gt=since) | Q(created_at__gt=since))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def taken_over(payloads: list[Mapping[str, Any]]) -> list[Delivery]:
    """What waits for those whom somebody stands in for since a moment ago, and did not wait for that somebody before."""
    now, wanted = timezone.now(), {int(one["delegation"]) for one in payloads}
    rows = accounts.live_delegations(now).filter(pk__in=wanted).select_related("principal").order_by("pk")
    return [
        delivery for row in rows for delivery in _taken_over(row.principal_id, row.delegate_id, row.principal.name, now)
    ]


def _taken_over(principal_id: int, delegate_id: int, name: str, now: datetime) -> list[Delivery]:
    actors = accounts.actors_of([principal_id, delegate_id], now)
    if actors.keys() != {principal_id, delegate_id}:
        return []
    own = [one for one in actors[principal_id].standings if one.principal_id is None]
    theirs = replace(actors[principal_id], standings=tuple(own))
    others = [one for one in actors[delegate_id].standings if one.principal_id != principal_id]
    before = replace(actors[delegate_id], standings=tuple(others))
    fresh = waiting_for(theirs).exclude(pk__in=waiting_for(before).values("pk"))
    url = reverse("access:approvals")
    found = [
        Delivery(delegate_id, one.pk, url, {"ref": one.request.ref, "principal": name})
        for one in _decidable(fresh, delegate_id, now)
    ]
    known = {one.pk for one in exceptions_waiting(before)}
    return found + [
        Delivery(delegate_id, one.item_id, url, {"ref": one.item.request.ref, "principal": name})
        for one in exceptions_waiting(theirs)
        if one.pk not in known and not _own(one, actors.values())
    ]


def _decidable(rows: QuerySet[RequestItem], user: int, now: datetime) -> Iterable[RequestItem]:
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _AT_ONCE):
        items = with_items(ids[start : start + _AT_ONCE])
        able = deciders_of(items, now)
        orphans = [one for one in items if not able[one.pk]]
        if orphans:
            able |= managers_instead(orphans, now)
        yield from (one for one in items if user in able[one.pk])


def _own(wanted: ExceptionRequest, actors: Iterable[Actor]) -> bool:
    asked = {wanted.requested_by_id, wanted.on_behalf_of_id}
    return any(one.user_id in asked or one.person_id == wanted.person_id for one in actors)
