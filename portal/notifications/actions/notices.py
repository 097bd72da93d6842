"""Lines in people's inboxes, with the mail that goes with each."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.notifications import access
from portal.notifications.actions.silence import is_silent
from portal.notifications.delivery.notices import Line, write_once
from portal.notifications.models import Notification
from portal.notifications.queries import inbox_of
from portal.notifications.registry import require_kind


def notify(
    *,
    kind: str,
    recipients: Iterable[int],
    params: Mapping[str, Any],
    url: str,
    dedupe_key: str,
    urgent: bool = False,
    tick: str = "",
    subject_id: int | None = None,
) -> None:
    """Tell users, by id, of one thing: an inbox line and a mail each, in the caller's transaction.

    The same kind, tick and key reach a person once. Deactivated users are left out. `subject_id` is what the kind's
    `visible` looks at. Raises ValueError for an unknown kind.
    """
    require_kind(kind)
    if is_silent():
        return
    subjects = [] if subject_id is None else [subject_id]
    with transaction.atomic():
        write_once(
            Line(recipient, kind, tick, dedupe_key, dict(params), subjects, 1, url, urgent)
            for recipient in sorted(set(recipients))
        )


@transaction.atomic
def mark_read(*, actor: Actor, notification_id: int) -> Notification:
    """The reader has seen a line of their own inbox. Raises Http404 for anybody else's."""
    notification = access.get_notification(actor, notification_id, for_update=True)
    if notification.read_at is None:
        notification.read_at = timezone.now()
        notification.save(update_fields=["read_at"])
    return notification


def mark_all_read(*, actor: Actor, up_to: int) -> int:
    """The reader has seen everything in their inbox up to this id (what came later stays unread). Returns how many were new."""
    return inbox_of(actor).filter(read_at=None, pk__lte=up_to).update(read_at=timezone.now())
