"""Rows for the topics that rooms registered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.notifications.actions.silence import is_silent
from portal.notifications.delivery.outbox import NewRow, enqueue
from portal.notifications.registry import topic_of


def queue(topic: str, rows: Mapping[str, Mapping[str, Any]], *, not_before: datetime | None = None) -> None:
    """Queue payloads (JSON values) by idempotency key, in the caller's transaction and in one statement.

    A key that is queued or done already is skipped. Raises ValueError for a topic that nobody registered.
    """
    if topic_of(topic) is None:
        raise ValueError(f"no outbox topic {topic!r}")
    if not is_silent():
        enqueue(topic, [NewRow(key, payload, not_before=not_before) for key, payload in rows.items()])
