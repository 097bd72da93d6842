"""The three clocks of access: approval and fulfilment of items, duration of grants. In sets; callers hold the requests' locks."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Final

from portal.accounts.rules import Actor
from sla import queries as clock_queries
from sla.actions import NewClock, cancel_many, meet_many, start_many, states_changed

from .. import queries
from ..choices import FINAL_STATES, GrantMetric, Metric
from ..models import GrantReason, RequestItem

ITEM: Final = queries.ITEM_KIND
GRANT: Final = queries.GRANT_KIND


def items_moved(states: Mapping[int, str], verb: str, *, actor: Actor, at: datetime) -> None:
    """Items took this step into these states: clocks start, are met or are cancelled, pause or go on."""
    ids = list(states)
    _STEPS.get(verb, _other)(ids, actor, at)
    if (under_way := {pk: state for pk, state in states.items() if state not in FINAL_STATES}) and verb != "submit":
        states_changed(actor=actor, subject_kind=ITEM, states=under_way, at=at)


def cancel_of(item_ids: Collection[int], *, actor: Actor, at: datetime) -> None:
    """These items ended without a verdict on their clocks."""
    cancel_many(actor=actor, subject_kind=ITEM, subject_ids=item_ids, at=at)


def grants_began(item_ids: Collection[int], at: datetime, *, actor: Actor) -> None:
    """Grants got reasons from these items: a grant whose reasons all end has a clock until the last of them does."""
    limited = RequestItem.objects.filter(pk__in=item_ids, ends_at__isnull=False).exists()
    grants = _grants_of(item_ids)
    running = clock_queries.open_clocks_of(GRANT, grants)
    if not limited and not running:
        return
    ends = _ends_of(grants)
    stale = {pk for pk, (clock, *_more) in running.items() if ends.get(pk) != clock.due_at}
    cancel_many(actor=actor, subject_kind=GRANT, subject_ids=stale, at=at)
    wanted = [pk for pk in ends if pk not in running or pk in stale]
    cycles = {pk: len(found) + 1 for pk, found in clock_queries.clocks_of(GRANT, wanted).items()}
    rows = [NewClock(pk, GrantMetric.DURATION, due_at=ends[pk], cycle=cycles[pk]) for pk in sorted(wanted)]
    start_many(actor=actor, subject_kind=GRANT, rows=rows, at=at)


def grants_ended(grant_ids: Collection[int], at: datetime, *, actor: Actor) -> None:
    """These grants are over."""
    meet_many(
        actor=actor, subject_kind=GRANT, subject_ids=sorted(grant_ids), metric=GrantMetric.DURATION, at=at
    )  # fmt: skip


def _asked(ids: list[int], actor: Actor, at: datetime) -> None:
    """Where the request has a due instant, half the time to it is for the approval; else a policy says how long."""
    facts = queries.clock_facts(ids)
    rows = [
        NewClock(
            pk,
            Metric.APPROVAL,
            fact.dimensions,
            due_at=at + (max(fact.due_at, at) - at) / 2 if fact.due_at else None,
            cycle=fact.round,
        )
        for pk, fact in facts.items()
    ]
    start_many(actor=actor, subject_kind=ITEM, rows=rows, at=at)


def _approved(ids: list[int], actor: Actor, at: datetime) -> None:
    meet_many(actor=actor, subject_kind=ITEM, subject_ids=ids, metric=Metric.APPROVAL, at=at)
    facts = queries.clock_facts(ids)
    rows = [
        NewClock(pk, Metric.FULFILMENT, fact.dimensions, due_at=fact.due_at, cycle=fact.round)
        for pk, fact in facts.items()
    ]
    start_many(actor=actor, subject_kind=ITEM, rows=rows, at=at)


def _rejected(ids: list[int], actor: Actor, at: datetime) -> None:
    meet_many(actor=actor, subject_kind=ITEM, subject_ids=ids, metric=Metric.APPROVAL, at=at)
    cancel_of(ids, actor=actor, at=at)


def _verified(ids: list[int], actor: Actor, at: datetime) -> None:
    meet_many(actor=actor, subject_kind=ITEM, subject_ids=ids, metric=Metric.FULFILMENT, at=at)


def _ended(ids: list[int], actor: Actor, at: datetime) -> None:
    cancel_of(ids, actor=actor, at=at)


def _other(ids: list[int], actor: Actor, at: datetime) -> None:
    """Clocks go on."""


_STEPS: Final[Mapping[str, Callable[[list[int], Actor, datetime], None]]] = {
    "ask": _asked,
    "approve": _approved,
    "reject": _rejected,
    "verify": _verified,
    "block": _ended,
    "cancel": _ended,
    "expire": _ended,
    "supersede": _ended,
}


def _grants_of(item_ids: Collection[int]) -> list[int]:
    """The grants that have one of these items, or its bundle, as a reason by them."""
    rows = GrantReason.objects.filter(item_id__in=item_ids, ended_at=None, grant__ended_at=None)
    return sorted(set(rows.values_list("grant_id", flat=True)))


def _ends_of(grant_ids: Collection[int]) -> dict[int, datetime]:
    """Grant -> when its last reason ends, of those whose reasons all end."""
    ends: dict[int, datetime] = {}
    endless: set[int] = set()
    rows = GrantReason.objects.filter(grant__in=grant_ids, ended_at=None)
    for grant, until in rows.values_list("grant_id", "ends_at"):
        if until is None:
            endless.add(grant)
        else:
            ends[grant] = max(until, ends.get(grant, until))
    return {pk: until for pk, until in sorted(ends.items()) if pk not in endless}
