"""Hands emitted events round: what happened in one tick becomes one line per person and kind.

A set of rows is resolved, written and marked in one transaction, so that each event counts exactly once however often
a worker dies. If a resolver raises, its rows are postponed and come back in ever smaller sets until the one that it
cannot take stands alone and ends among the failed; the others go through.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from portal.notifications.choices import State, Topic
from portal.notifications.delivery.notices import SUBJECTS_KEPT, Line, write_added
from portal.notifications.delivery.outbox import due, shortened
from portal.notifications.models import OutboxRow
from portal.notifications.registry import Delivery, NotificationKind, require_kind
from portal.notifications.rules import MAX_ATTEMPTS, retry_delay

logger = logging.getLogger(__name__)
BATCH = 4000

_DONE = """
UPDATE notifications_outboxrow SET state = 'sent', sent_at = now(), attempts = attempts + 1, last_error = ''
WHERE id = ANY(%s)
"""


def fan_out_batch() -> int:
    """Hand round one batch of due events. Returns how many rows were taken up; 0 when none is due."""
    with transaction.atomic():
        rows = _take()
        for (kind, tick), group in _grouped(rows).items():
            _hand_round(kind, tick, group)
    return len(rows)


def _take() -> list[OutboxRow]:
    """The rows to do now, locked: fresh ones first and in a full batch, those that failed in sets the smaller the more often."""
    ready = due(timezone.now()).filter(topic=Topic.FANOUT).order_by("next_attempt_at", "id")
    rows = list(ready.select_for_update(skip_locked=True)[:BATCH])
    if not rows:
        return []
    attempts = min(row.attempts for row in rows)
    return [row for row in rows if row.attempts == attempts][: max(1, BATCH // 8**attempts)]


def _grouped(rows: Sequence[OutboxRow]) -> dict[tuple[str, str], list[OutboxRow]]:
    groups: dict[tuple[str, str], list[OutboxRow]] = defaultdict(list)
    for row in rows:
        groups[row.payload["kind"], row.payload["tick"]].append(row)
    return dict(sorted(groups.items()))


def _hand_round(kind_key: str, tick: str, rows: Sequence[OutboxRow]) -> None:
    ids = [row.pk for row in rows]
    try:
        with transaction.atomic():
            _resolve_and_write(require_kind(kind_key), tick, rows)
            with connection.cursor() as cursor:
                cursor.execute(_DONE, [ids])
    except Exception as error:
        if not connection.is_usable():
            raise
        logger.exception("Handing round %s rows of kind %s failed", len(rows), kind_key)
        _postpone(ids, rows[0].attempts + 1, f"{type(error).__name__}: {error}")


def _resolve_and_write(kind: NotificationKind, tick: str, rows: Sequence[OutboxRow]) -> None:
    if kind.resolve is None:
        raise ValueError(f"notification kind {kind.key!r} has no resolver")
    per_person: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in kind.resolve([row.payload for row in rows]):
        per_person[delivery.recipient_id].append(delivery)
    list_url = kind.list_url() if kind.list_url else None
    write_added((_line(kind.key, tick, found, list_url) for found in per_person.values()), list_url)


def _line(kind: str, tick: str, deliveries: Sequence[Delivery], list_url: str | None) -> Line:
    first = deliveries[0]
    return Line(
        recipient_id=first.recipient_id,
        kind=kind,
        tick=tick,
        dedupe_key="",
        params=dict(first.params),
        subject_ids=[delivery.subject_id for delivery in deliveries[:SUBJECTS_KEPT]],
        count=len(deliveries),
        url=list_url if list_url and len(deliveries) > 1 else first.url,
        urgent=any(delivery.urgent for delivery in deliveries),
    )


def _postpone(ids: Sequence[int], attempts: int, error: str) -> None:
    """Once more: a set at once and smaller, a row that stands alone later; one that failed often enough is given up."""
    alone = len(ids) == 1
    dead = alone and attempts >= MAX_ATTEMPTS
    delay = timedelta(seconds=retry_delay(attempts, random.random) if alone else 0)
    OutboxRow.objects.filter(pk__in=ids).update(
        state=State.DEAD if dead else State.PENDING,
        attempts=F("attempts") + 1,
        last_error=shortened(error),
        next_attempt_at=Now() + delay,
    )
