"""What was held up goes on by itself when nothing is in its way any more: the oldest first, each once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from portal.accounts.rules import SYSTEM

from ..choices import ItemState
from ..models import RequestItem
from ..queries import freeing
from ._base import lock_key, lock_people, move, note
from .dispatching import seats_key
from .fulfilling import requeue_locked
from .sending import check_and_ask

BATCH: Final = 500


def free_blocked(batch: int = BATCH) -> int:
    """Send on what a conflict held up that is gone; how many items. Safe to run twice and side by side.

    What was approved before goes through its approval anew, as after an exception. Nothing is locked unless there is
    something to free.
    """
    freed, last = 0, 0
    while people := freeing.blocked_people(last, batch):
        last = people[-1]
        now = timezone.now()
        seen = freeing.unblocked(people, now)
        if seen.items or seen.renamed:
            concerned = RequestItem.objects.filter(pk__in=[*seen.items, *seen.renamed])
            freed += _free(set(concerned.values_list("person_id", flat=True)))
    return freed


@transaction.atomic
def _free(person_ids: Collection[int]) -> int:
    lock_people(person_ids)
    # Read again under the lock.
    now = timezone.now()
    found = freeing.unblocked(person_ids, now)
    over = RequestItem.objects.filter(pk__in=found.items, ends_at__lte=now).values_list("pk", flat=True)
    ended = move(over, "expire", actor=SYSTEM, at=now)
    going = set(found.items) - set(ended)
    _noted(going, now)
    moved = move(
        going, "submit", actor=SYSTEM, at=now, round=F("round") + 1, sod_rule_id=None, sod_exception_id=None, stage=0
    )
    _carry(found.exceptions)
    check_and_ask(moved, actor=SYSTEM, at=now)
    _rename(found.renamed, now)
    return len(moved)


def _carry(exceptions: Mapping[int, int]) -> None:
    """What an exception lets be lasts as long as the exception."""
    items: dict[int, list[int]] = defaultdict(list)
    for item, exception in exceptions.items():
        items[exception].append(item)
    for exception, ids in items.items():
        RequestItem.objects.filter(pk__in=ids, state=ItemState.SUBMITTED).update(sod_exception=exception)


def _rename(rules: Mapping[int, int], now: datetime) -> None:
    """Another rule holds these up now: it is the one that an exception has to be asked from."""
    rows = list(RequestItem.objects.filter(pk__in=rules, state=ItemState.BLOCKED_SOD).order_by("pk"))
    for one in rows:
        one.sod_rule_id = rules[one.pk]
    RequestItem.objects.bulk_update(rows, ["sod_rule"])
    note(
        [(one.request_id, one.pk) for one in rows], "item.block", actor=SYSTEM, at=now,
        params_of={one.pk: {"rule": rules[one.pk]} for one in rows},
    )  # fmt: skip


def free_waiting() -> int:
    """Try again what found no seat, or had to wait for a removal, and now would not; how many items. Safe to run twice and
    side by side: a seat is given once."""
    chosen = freeing.with_room(freeing.in_line(), timezone.now())[:BATCH]
    return _try_again({one.item_id for one in chosen}, {one.person_id for one in chosen}) if chosen else 0


@transaction.atomic
def _try_again(item_ids: Collection[int], person_ids: Collection[int]) -> int:
    lock_people(person_ids)
    line = freeing.in_line()
    for system in sorted(freeing.limits_of({one.system_id for one in line if one.item_id in item_ids})):
        lock_key(seats_key(system))
    # Read again under the locks; those ahead in the line count, although they are not tried.
    now = timezone.now()
    chosen = [one.item_id for one in freeing.with_room(freeing.in_line(), now) if one.item_id in item_ids]
    _noted(chosen, now)
    return len(requeue_locked(chosen, actor=SYSTEM, at=now))


def _noted(item_ids: Collection[int], now: datetime) -> None:
    rows = RequestItem.objects.filter(pk__in=item_ids).order_by("pk").values_list("request_id", "pk")
    note(list(rows), "item.freed", actor=SYSTEM, at=now)
