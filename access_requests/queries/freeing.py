"""What is held up by a conflict or for want of a seat, and what of it may go on now. For workers."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from ..choices import NO_SEAT, WAITING_FAILURES, ItemState, Operation
from ..models import Grant, RequestItem, System
from ..rules import Blocked, conflicts_of, freed_of
from . import planning


@dataclass(frozen=True, slots=True)
class Freed:
    """Items that nothing holds up any more, items that another rule holds up now, and the exceptions that let items be."""

    items: list[int] = field(default_factory=list)
    renamed: dict[int, int] = field(default_factory=dict)
    exceptions: dict[int, int] = field(default_factory=dict)


class InLine(NamedTuple):
    """A grant that failed because there was no room for it."""

    item_id: int
    person_id: int
    entitlement_id: int
    system_id: int
    failure: str


def blocked_items() -> QuerySet[RequestItem]:
    """Grants that a conflict holds up, of what is still offered; the oldest first."""
    rows = RequestItem.objects.filter(
        state=ItemState.BLOCKED_SOD, operation=Operation.GRANT,
        entitlement__archived_at=None, entitlement__system__archived_at=None,
    )  # fmt: skip
    return rows.order_by("pk")


def blocked_people(after: int, limit: int) -> list[int]:
    """People with blocked grants, by number, from the one after this."""
    rows = RequestItem.objects.filter(
        state=ItemState.BLOCKED_SOD, operation=Operation.GRANT, person_id__gt=after
    ).order_by("person_id")
    return list(rows.values_list("person_id", flat=True).distinct()[:limit])


def unblocked(person_ids: Collection[int], at: datetime) -> Freed:
    """What of these people's blocked grants may go on. What is being removed counts as held until it is proven gone. Six queries."""
    columns = ("pk", "request_id", "person_id", "entitlement_id", "sod_rule_id")
    waiting = [Blocked(*row) for row in blocked_items().filter(person_id__in=person_ids).values_list(*columns)]
    if not waiting:
        return Freed()
    people = {one.person_id for one in waiting}
    held, coming, rules = planning.held(people), planning.coming(people), planning.sod_rules()
    excepted = planning.exceptions(people, at)
    holds = {person: {*held.get(person, ()), *coming.get(person, ())} for person in people}
    freed, renamed = freed_of(waiting, holds, rules, excepted)
    # Without the exceptions these would still be held up, by this rule.
    lets = [(one, rule) for one, rule in _held_up(freed, holds, rules) if (one.person_id, rule) in excepted]
    return Freed(
        [one.item_id for one in freed],
        {one.item_id: rule for one, rule in renamed},
        {one.item_id: excepted[one.person_id, rule] for one, rule in lets},
    )


def _held_up(
    freed: Sequence[Blocked], holds: Mapping[int, Collection[int]], rules: Sequence[tuple[int, int, int]]
) -> list[tuple[Blocked, int]]:
    """Which rule would hold each of these up if there were no exceptions."""
    _free, held_up = freed_of([one._replace(rule_id=None) for one in freed], holds, rules)
    return held_up


def in_line(system_ids: Collection[int] | None = None) -> list[InLine]:
    """Grants that wait for a seat or for a removal, the oldest first. One query."""
    rows = RequestItem.objects.filter(
        state=ItemState.FAILED_FINAL, failure__in=WAITING_FAILURES, operation=Operation.GRANT
    )
    if system_ids is not None:
        rows = rows.filter(entitlement__system_id__in=system_ids)
    columns = ("pk", "person_id", "entitlement_id", "entitlement__system_id", "failure")
    return [InLine(*row) for row in rows.order_by("pk").values_list(*columns)]


def with_room(waiting: Collection[InLine], at: datetime) -> list[InLine]:
    """Those for which there is room now; each that takes a seat counts for the younger ones. Constant queries."""
    return _seated(_unhindered(waiting, at))


def _unhindered(waiting: Collection[InLine], at: datetime) -> list[InLine]:
    """Those that neither a conflict nor a removal of the same stands in the way of."""
    people = {one.person_id for one in waiting}
    held, going = planning.held(people), planning.under_way(people, Operation.REVOKE)
    would: dict[int, set[int]] = defaultdict(set)
    for one in waiting:
        would[one.person_id].update({one.entitlement_id}, held.get(one.person_id, ()))
    clashes = conflicts_of(would, planning.sod_rules(), planning.exceptions(people, at))
    apart = {(one.person_id, side) for one in clashes for side in (one.left_id, one.right_id)}
    return [
        one
        for one in waiting
        if (one.person_id, one.entitlement_id) not in apart
        and one.entitlement_id not in going.get(one.person_id, set())
    ]


def _seated(waiting: Collection[InLine]) -> list[InLine]:
    systems = {one.system_id for one in waiting}
    limits = limits_of(systems)
    seated = seats_taken(limits)
    taken = Counter(system for system, _person in seated)
    found = []
    for one in waiting:
        seat = (one.system_id, one.person_id)
        limit = limits.get(one.system_id)
        if limit is not None and seat not in seated:
            if taken[one.system_id] >= limit:
                continue
            taken[one.system_id] += 1
            seated.add(seat)
        found.append(one)
    return found


def limits_of(system_ids: Collection[int]) -> dict[int, int]:
    """System -> its seats, of those that have a limit. One query."""
    rows = System.objects.filter(pk__in=system_ids, seat_limit__isnull=False)
    return {pk: limit for pk, limit in rows.values_list("pk", "seat_limit") if limit is not None}


def seats_taken(system_ids: Collection[int], without: Collection[int] = ()) -> set[tuple[int, int]]:
    """(system, person) of who holds something there, or is about to: handed over, but not carried out yet. Two queries."""
    if not system_ids:
        return set()
    live = Grant.objects.filter(entitlement__system__in=system_ids, ended_at=None)
    queued = RequestItem.objects.filter(
        entitlement__system__in=system_ids,
        operation=Operation.GRANT,
        state__in=[ItemState.QUEUED, ItemState.FAILED_RETRYABLE],
    ).exclude(pk__in=without)
    return {
        *live.values_list("entitlement__system", "person").distinct(),
        *queued.values_list("entitlement__system", "person"),
    }


def line_for_seats(
    system_ids: Collection[int], at: datetime, without: Collection[int] = ()
) -> dict[int, list[tuple[int, int]]]:
    """System -> (item, person) of who waits for nothing but a seat there, the oldest first, each person once. Constant queries."""
    waiting = [one for one in in_line(system_ids) if one.failure == NO_SEAT and one.item_id not in without]
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for one in _unhindered(waiting, at) if waiting else ():
        found[one.system_id].setdefault(one.person_id, one.item_id)
    return {system: [(item, person) for person, item in line.items()] for system, line in found.items()}
