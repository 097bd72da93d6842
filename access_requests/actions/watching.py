"""What workers look after: approvals that nobody decides, and those that nobody can decide."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from sla import queries as clock_queries

from .. import queries
from ..choices import ItemState, Metric
from ..models import RequestItem
from ..queries import standing_in
from . import telling
from ._base import lock_requests, move
from .approving import mark_orphans_locked
from .deciding import settle_locked

BATCH: Final = 1000
#: Days after the breach of its approval at which an item that nobody decided ends.
EXPIRES_AFTER_DAYS: Final = 14


def find_orphans(batch: int = BATCH) -> int:
    """Look through all waiting items for those that nobody can decide (any more, or again); how many there are.

    What everybody who is left has agreed to goes on.
    """
    found, last = 0, 0
    while chosen := _waiting_after(last, batch):
        last = chosen[-1][0]
        with transaction.atomic():
            locked = set(lock_requests({request for _pk, request in chosen}, skip_busy=True))
            ids = [pk for pk, request in chosen if request in locked]
            settle_locked(ids, at=timezone.now())
            found += len(mark_orphans_locked(ids, at=timezone.now()))
    return found


def tell_stand_ins() -> int:
    """Tell those who stand in for somebody since a moment ago what waits already; how many. Each hears it once."""
    found = standing_in.fresh_stand_ins(timezone.now())
    for pk in found:
        telling.tell_once(telling.STANDING_IN, pk, {"delegation": pk})
    return len(found)


def expire_undecided(batch: int = BATCH) -> int:
    """End items whose approval was breached two weeks ago and that still nobody decided; how many. Whoever asked hears of it."""
    now = timezone.now()
    ended, last = 0, 0
    while chosen := _waiting_after(last, batch, since=now - timedelta(days=EXPIRES_AFTER_DAYS)):
        last = chosen[-1][0]
        over = _breached_before([pk for pk, _request in chosen], now - timedelta(days=EXPIRES_AFTER_DAYS))
        if over:
            ended += _expire({request for pk, request in chosen if pk in over}, over, now)
    return ended


@transaction.atomic
def _expire(request_ids: set[int], item_ids: set[int], now: datetime) -> int:
    locked = lock_requests(request_ids, skip_busy=True)
    rows = RequestItem.objects.filter(
        pk__in=item_ids, request_id__in=locked, state=ItemState.AWAITING_APPROVAL
    ).values_list("pk", flat=True)
    gone = move(list(rows), "expire", actor=SYSTEM, at=now)
    telling.tell_items(telling.DECIDED, gone, at=now, mark="expired", verdict="expired")
    return len(gone)


def _waiting_after(last: int, batch: int, since: datetime | None = None) -> list[tuple[int, int]]:
    rows = RequestItem.objects.filter(state=ItemState.AWAITING_APPROVAL, pk__gt=last)
    if since is not None:
        rows = rows.filter(created_at__lt=since)
    return list(rows.order_by("pk").values_list("pk", "request_id")[:batch])


def _breached_before(item_ids: list[int], at: datetime) -> set[int]:
    found = clock_queries.open_clocks_of(queries.ITEM_KIND, item_ids)
    return {
        pk
        for pk, clocks in found.items()
        if any(one.metric == Metric.APPROVAL and one.breached_at and one.breached_at < at for one in clocks)
    }
