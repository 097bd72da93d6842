"""Approved items go out: removals first, checked once more, each by its system's channel."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import SYSTEM
from portal.notifications.delivery.outbox import NewRow, enqueue

from .. import queries
from ..choices import ITEM_STATES_UNDER_WAY, NO_SEAT, REMOVAL_FIRST, Channel, ItemState, Operation
from ..models import RequestItem
from ..queries.freeing import line_for_seats, seats_taken
from . import granting
from ._base import lock_key, lock_requests, move
from .owning import tell_failed
from .sending import block_conflicts

BATCH: Final = 2000
#: Topics of the outbox. Removals have their own, so that no grant stands in their way.
REVOKE_TOPIC: Final = "access.revoke"
GRANT_TOPIC: Final = "access.grant"


def key_of(item_id: int, generation: int) -> str:
    """The idempotency key of one hand-over of an item."""
    return f"access:{item_id}:{generation}"


def seats_key(system_id: int) -> str:
    """The key under which seats of a system are counted and given."""
    return f"seats:{system_id}"


@transaction.atomic
def dispatch(limit: int = BATCH) -> int:
    """Hand over one batch of what may go out now; how many items moved. Safe to run twice and side by side.

    Requests that somebody is working on wait for the next run.
    """
    now = timezone.now()
    waiting = _ready(now).order_by("-operation", "pk")[:limit]
    chosen = list(waiting.values_list("pk", "request_id"))
    locked = set(lock_requests({request for _pk, request in chosen}, skip_busy=True))
    # Read again under the lock.
    rows = _ready(now).filter(pk__in=[pk for pk, request in chosen if request in locked])
    items = list(rows.select_related("entitlement__system", "request").order_by("-operation", "pk"))
    revokes = [one for one in items if one.operation == Operation.REVOKE]
    grants = _allowed([one for one in items if one.operation == Operation.GRANT], now)
    _hand_over([*revokes, *grants], now)
    return len(items) - _ready(now).filter(pk__in=[one.pk for one in items]).count()


def _ready(now: datetime) -> QuerySet[RequestItem]:
    """Approved items whose time has come, without grants that wait for a removal of the same."""
    going = RequestItem.objects.filter(
        person=OuterRef("person"),
        entitlement=OuterRef("entitlement"),
        operation=Operation.REVOKE,
        state__in=ITEM_STATES_UNDER_WAY,
    )
    rows = RequestItem.objects.filter(Q(starts_at=None) | Q(starts_at__lte=now), state=ItemState.APPROVED)
    return rows.exclude(Q(operation=Operation.GRANT) & Exists(going))


def _allowed(items: Sequence[RequestItem], now: datetime) -> list[RequestItem]:
    """Those of the grants that may still be given: still employed, no conflict, no removal under way, a seat free.

    The rest has moved on, but for what waits for a removal.
    """
    people = {one.person_id for one in items}
    gone = people - _employed(people, now)
    move([one.pk for one in items if one.person_id in gone], "cancel", actor=SYSTEM, at=now, params={"why": "left"})
    rest = [one for one in items if one.person_id not in gone]
    blocked = block_conflicts(rest, actor=SYSTEM, at=now)
    going = queries.under_way(people, Operation.REVOKE)
    free = [one for one in rest if one.pk not in blocked and one.entitlement_id not in going.get(one.person_id, set())]
    return _seated(_not_held(_apart(free, now), now), now)


def _employed(person_ids: Collection[int], now: datetime) -> set[int]:
    """Those with an engagement that is not over, one to come included."""
    engaged = directory.engagements_visible_to(SYSTEM).filter(person_id__in=person_ids)
    return set(engaged.values_list("person_id", flat=True)) - directory.departures(person_ids, now).keys()


def _apart(items: Sequence[RequestItem], now: datetime) -> list[RequestItem]:
    """Leave out what must not be held together with something that is being removed: it waits until that is proven gone."""
    held = queries.held({one.person_id for one in items})
    would: dict[int, set[int]] = defaultdict(set)
    for one in items:
        would[one.person_id].update({one.entitlement_id}, held.get(one.person_id, ()))
    clashes = {(one.person_id, side) for one in queries.conflicts(would, now) for side in (one.left_id, one.right_id)}
    return [one for one in items if (one.person_id, one.entitlement_id) not in clashes]


def _not_held(items: Sequence[RequestItem], now: datetime) -> list[RequestItem]:
    """Leave out what is held and proven: the item is one more reason, and is verified as the grant was."""
    held = queries.held({one.person_id for one in items})
    done = [one.pk for one in items if (has := held.get(one.person_id, {}).get(one.entitlement_id)) and has.verified]
    if done:
        for verb in ("queue", "send", "claim"):
            move(done, verb, actor=SYSTEM, at=now, params={"why": "held"}, **_stamp(verb, now))
        granting.begin(done, now)
        by_proof: dict[str, list[int]] = defaultdict(list)
        for one in items:
            if one.pk in set(done):
                by_proof[one.entitlement.system.proof].append(one.pk)
        for proof, ids in by_proof.items():
            move(ids, "verify", actor=SYSTEM, at=now, params={"why": "held"}, verified_at=now, verified_how=proof)
    return [one for one in items if one.pk not in set(done)]


def _seated(items: Sequence[RequestItem], now: datetime) -> list[RequestItem]:
    """Leave out grants for which the system has no seat; they fail, for its owner to see, and are tried again by age."""
    limits = {
        one.entitlement.system_id: one.entitlement.system.seat_limit
        for one in items
        if one.entitlement.system.seat_limit is not None
    }
    if not limits:
        return list(items)
    for system in sorted(limits):
        lock_key(seats_key(system))
    mine = {one.pk for one in items}
    seated, line = seats_taken(limits, mine), line_for_seats(limits, now, mine)
    taken = Counter(system for system, _person in seated)
    kept, refused = [], []
    for one in items:
        system, limit = one.entitlement.system_id, limits.get(one.entitlement.system_id)
        if limit is None or (system, one.person_id) in seated:
            kept.append(one)
        elif taken[system] + _ahead(line.get(system, ()), one) < limit:
            taken[system] += 1
            seated.add((system, one.person_id))
            kept.append(one)
        else:
            refused.append(one.pk)
    if refused:
        move(refused, "queue", actor=SYSTEM, at=now, queued_at=now)
        tell_failed(move(refused, "give_up", actor=SYSTEM, at=now, params={"why": NO_SEAT}, failure=NO_SEAT))
    return kept


def _ahead(line: Sequence[tuple[int, int]], one: RequestItem) -> int:
    """How many others have waited for a seat in the system since before this item was asked for."""
    older = bisect_left(line, (one.pk, 0))
    return older - any(person == one.person_id for _item, person in line[:older])


def _hand_over(items: Sequence[RequestItem], now: datetime) -> None:
    """Queue the items; what IT does by hand is with IT at once, the rest is carried out by the outbox."""
    ids = [one.pk for one in items]
    move(ids, "queue", actor=SYSTEM, at=now, queued_at=now)
    _carry_out(ids, now)


def hand_over_again(item_ids: Collection[int], now: datetime) -> None:
    """Check items that failed and are queued anew like any approved one, and hand them over. The caller has locked the requests."""
    rows = RequestItem.objects.filter(pk__in=item_ids, state=ItemState.QUEUED).order_by("pk")
    items = list(rows.select_related("entitlement__system", "request"))
    grants = _allowed([one for one in items if one.operation == Operation.GRANT], now)
    kept = {one.pk for one in items if one.operation == Operation.REVOKE} | {one.pk for one in grants}
    # What waits for a removal is tried again after it.
    waiting = set(rows.values_list("pk", flat=True)) - kept
    move(waiting, "give_up", actor=SYSTEM, at=now, params={"why": REMOVAL_FIRST}, failure=REMOVAL_FIRST)
    _carry_out(kept, now)


def _carry_out(item_ids: Collection[int], now: datetime) -> None:
    RequestItem.objects.filter(pk__in=item_ids).update(generation=F("generation") + 1)
    rows = RequestItem.objects.filter(pk__in=item_ids).order_by("pk")
    found = list(rows.values_list("pk", "generation", "operation", "entitlement__system__channel"))
    mark_sent([pk for pk, _generation, _operation, channel in found if channel == Channel.MANUAL], now)
    for topic, wanted in ((REVOKE_TOPIC, Operation.REVOKE), (GRANT_TOPIC, Operation.GRANT)):
        new = [
            NewRow(key_of(pk, generation), {"item": pk, "generation": generation})
            for pk, generation, operation, channel in found
            if operation == wanted and channel != Channel.MANUAL
        ]
        enqueue(topic, new)


def mark_sent(item_ids: Collection[int], now: datetime) -> list[int]:
    """The systems may know of these items from now on. The caller has locked the requests."""
    sent = move(item_ids, "send", actor=SYSTEM, at=now, **_stamp("send", now))
    granting.begin(sent, now)
    return sent


def _stamp(verb: str, now: datetime) -> dict[str, Any]:
    return {"queue": {"queued_at": now}, "send": {"sent_at": now}, "claim": {"claimed_at": now}}[verb]
