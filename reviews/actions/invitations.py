"""What is sent about meetings: an invitation once per person and change, and word that it was called off. In the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from portal.notifications.actions.topics import queue
from portal.notifications.choices import State
from portal.notifications.models import OutboxRow

from ..models import Engagement

INVITATION: Final = "reviews.invitation"
REQUEST, CANCEL = "request", "cancel"
# Meetings of a series are made weeks ahead; nobody wants eight letters at once.
NOTICE: Final = timedelta(days=14)


def invite(engagement: Engagement, user_ids: Iterable[int]) -> None:
    """Ask people to come, or tell them what changed; not to what is over."""
    if engagement.ends_at <= timezone.now():
        return
    early = engagement.starts_at - NOTICE if engagement.series_id is not None and engagement.sequence == 0 else None
    _queue(engagement, user_ids, REQUEST, early)


def ask_again(engagement: Engagement, before: int) -> None:
    """Whose letter of the sequence `before` still waits gets it at the sequence of now, on the day that it waits for."""
    people = engagement.attendees.filter(user__isnull=False).values_list("user_id", flat=True)
    keys = [_key(engagement, before, REQUEST, pk) for pk in people]
    for row in OutboxRow.objects.filter(idempotency_key__in=keys, state=State.PENDING):
        key = _key(engagement, engagement.sequence, REQUEST, row.payload["user"])
        first = row.payload.get("first", before == 0)
        payload = {**row.payload, "sequence": engagement.sequence, "first": first}
        queue(INVITATION, {key: payload}, not_before=row.not_before)


def call_off(engagement: Engagement, user_ids: Iterable[int]) -> None:
    """Tell people that it does not take place, or not with them."""
    if engagement.ends_at > timezone.now():
        _queue(engagement, user_ids, CANCEL)


def _queue(engagement: Engagement, user_ids: Iterable[int], method: str, not_before: datetime | None = None) -> None:
    rows = {
        _key(engagement, engagement.sequence, method, pk): {
            "engagement": engagement.pk, "sequence": engagement.sequence, "user": pk, "method": method,
        }
        for pk in sorted(set(user_ids))
    }  # fmt: skip
    if rows:
        queue(INVITATION, rows, not_before=not_before if not_before and not_before > timezone.now() else None)


def _key(engagement: Engagement, sequence: int, method: str, user_id: int | None) -> str:
    return f"{INVITATION}:{engagement.pk}:{sequence}:{method}:{user_id}"
