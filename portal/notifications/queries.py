"""Reads: inbox, unread count, failed rows, the demo's mails, the age of what waits."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import BadRequest
from django.db.models import Min, QuerySet
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.notifications.choices import MAIL_TOPICS, State, Topic
from portal.notifications.models import DemoMail, LetterReference, Notification, OutboxRow
from portal.notifications.registry import Visible, kind_of, topic_keys, watch_of
from portal.numbers import whole

PAGE: Final = 50
UNREAD_CAP: Final = 100


@dataclass(frozen=True, slots=True)
class Item:
    """A notification as the reader sees it."""

    notification: Notification
    title: str
    icon: str

    @property
    def is_unread(self) -> bool:
        """Whether the reader has not seen it yet."""
        return self.notification.read_at is None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, and the cursors of its neighbours (None: there is none)."""

    items: list[Item]
    next_cursor: str | None
    prev_cursor: str | None


@dataclass(frozen=True, slots=True)
class Unsent:
    """A letter that did not go. `dead`: nobody tries any more; `tried`: somebody tried in vain."""

    key: str
    dead: bool
    tried: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How a letter ended: "sent" or "failed", why it failed, and when it was sent."""

    key: str
    how: str
    why: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that failed for good, as administrators see it. Of a letter about what is `hidden` from them its address and the
    server's words are left out."""

    pk: int
    key: str
    topic_label: str
    to: str
    why: str
    hidden: bool
    attempts: int
    created_at: datetime


def is_waiting(key: str) -> bool:
    """Whether an event is still to be handed round, so that nobody has heard of it: nobody begins to before the caller's transaction
    ends. What is being handed round just now counts as heard. One query."""
    rows = OutboxRow.objects.select_for_update(skip_locked=True).filter(idempotency_key=key, sent_at=None)
    return bool(rows.values_list("pk"))


def inbox_of(actor: Actor) -> QuerySet[Notification]:
    """The actor's own notifications; nobody reads for somebody else, stand-ins included."""
    return Notification.objects.filter(recipient_id=actor.user_id) if actor.user_id else Notification.objects.none()


def shown(actor: Actor, notifications: Sequence[Notification]) -> list[Notification]:
    """Those of which the actor may still see a subject, in the same order; one call per `visible` function.

    Subjects out of sight are taken out of the rows in hand, so that no count includes them.
    """
    groups: dict[Visible, list[Notification]] = defaultdict(list)
    for notification in notifications:
        kind = kind_of(notification.kind)
        if kind is not None:
            groups[kind.visible].append(notification)
    allowed: dict[int, Collection[int]] = {}
    for visible, group in groups.items():
        allowed |= visible(actor, group)
    return [
        _without(notification, allowed[notification.pk]) for notification in notifications if notification.pk in allowed
    ]


def _without(notification: Notification, hidden: Collection[int]) -> Notification:
    """The row without these subjects; the parameters are the first one's, and go with it."""
    if hidden:
        subjects = notification.subject_ids
        notification.subject_ids = [pk for pk in subjects if pk not in hidden]
        notification.count -= len(subjects) - len(notification.subject_ids)
        notification.params = {} if subjects[0] in hidden else notification.params
    return notification


def unread_count(actor: Actor) -> int:
    """How many unread notifications the actor can see; counts the newest 100 only (100 means 100 or more)."""
    newest = inbox_of(actor).filter(read_at=None).order_by("-pk")[:UNREAD_CAP]
    return len(shown(actor, list(newest)))


def capped(count: int) -> str:
    """A count as the bell shows it: "99+" from 100 on, nothing for none."""
    return "" if count == 0 else str(count) if count < UNREAD_CAP else f"{UNREAD_CAP - 1}+"


def latest_unread(actor: Actor, limit: int) -> list[Item]:
    """The newest unread notifications that the actor can see, at most `limit`."""
    newest = inbox_of(actor).filter(read_at=None).order_by("-pk")[:UNREAD_CAP]
    return items(shown(actor, list(newest))[:limit])


def items(notifications: Sequence[Notification]) -> list[Item]:
    """Notifications with their words, in the active language. All their kinds are registered."""
    found = ((notification, kind_of(notification.kind)) for notification in notifications)
    return [Item(row, kind.title(row.params, row.count), kind.icon) for row, kind in found if kind is not None]


def inbox_page(actor: Actor, *, unread_only: bool, cursor: str = "") -> Page:
    """A page of the inbox, newest first. Lines that the actor may not see any more are missing, so it may be short.

    The cursor is "before:ID" or "after:ID". Raises BadRequest for another one.
    """
    rows = inbox_of(actor).filter(read_at=None) if unread_only else inbox_of(actor)
    direction, edge = _parsed(cursor)
    if direction == "after":
        found = list(reversed(rows.filter(pk__gt=edge).order_by("pk")[: PAGE + 1]))
        more_before, more_after, found = True, len(found) > PAGE, found[-PAGE:]
    else:
        found = list((rows.filter(pk__lt=edge) if direction else rows).order_by("-pk")[: PAGE + 1])
        more_before, more_after, found = len(found) > PAGE, bool(direction), found[:PAGE]
    older = f"before:{found[-1].pk}" if found and more_before else None
    newer = f"after:{found[0].pk}" if found and more_after else None
    return Page(items(shown(actor, found)), older, newer)


def _parsed(cursor: str) -> tuple[str, int]:
    if not cursor:
        return "", 0
    direction, _, digits = cursor.partition(":")
    edge = whole(digits)
    if direction not in {"before", "after"} or edge is None:
        raise BadRequest("cursor of another list")
    return direction, edge


def dead_letters(actor: Actor) -> QuerySet[OutboxRow]:
    """Rows that failed for good and were not put away, newest first, for whoever may handle them."""
    rows = OutboxRow.objects.filter(state=State.DEAD, discarded_at=None).order_by("-pk")
    return rows if actor.can("dead_letters") else rows.none()


def failures(actor: Actor, limit: int) -> list[Failure]:
    """The newest of them, at most `limit`. One query, and what each watch of letters asks."""
    rows = list(dead_letters(actor)[:limit])
    hidden = _hidden_among(rows)
    return [_failure(row, hidden=row.pk in hidden) for row in rows]


def _hidden_among(rows: Sequence[OutboxRow]) -> set[int]:
    """Letters about what is closed to administrators; likewise those whose wing is not there to ask."""
    watched: dict[str, list[OutboxRow]] = defaultdict(list)
    for row in rows:
        if row.payload.get("watch"):
            watched[str(row.payload["watch"])].append(row)
    found: set[int] = set()
    for name, group in watched.items():
        watch, keys = watch_of(name), [row.idempotency_key for row in group]
        closed = keys if watch is None else watch.hidden(keys)
        found |= {row.pk for row in group if row.idempotency_key in closed}
    return found


def _failure(row: OutboxRow, *, hidden: bool) -> Failure:
    to, why = ("", "") if hidden else (str(row.payload.get("to", "")), row.last_error)
    return Failure(row.pk, row.idempotency_key, row.topic_label, to, why, hidden, row.attempts, row.created_at)


def outbox_state(topic: str, **payload: object) -> tuple[int, int]:
    """Of a topic's rows with these facts: how many wait, and how many failed for good; each up to 1,000. Two queries."""
    rows = OutboxRow.objects.filter(topic=topic, payload__contains=payload)
    waiting = rows.filter(state=State.PENDING)[:1000].count()
    return waiting, rows.filter(state=State.DEAD, discarded_at=None)[:1000].count()


def unsent(keys: Collection[str]) -> list[Unsent]:
    """Of these idempotency keys, those whose letters did not go yet, or never will. One query."""
    rows = OutboxRow.objects.filter(idempotency_key__in=keys).exclude(state=State.SENT).order_by("pk")
    return [Unsent(one.idempotency_key, one.state == State.DEAD, bool(one.last_error)) for one in rows]


def ended_letters(keys: "QuerySet[Any, str] | Collection[str]", limit: int) -> list[Ended]:
    """Of these idempotency keys, those whose letters went or never will, at most `limit`. One query."""
    rows = OutboxRow.objects.filter(idempotency_key__in=keys, state__in=(State.SENT, State.DEAD))
    found = rows.values_list("idempotency_key", "state", "last_error", "sent_at")[:limit]
    return [
        Ended(key, "sent", "", at) if state == State.SENT else Ended(key, "failed", why)
        for key, state, why, at in found
    ]


def sees_demo_mails(actor: Actor) -> bool:
    """Whether this is a demo and the actor an administrator."""
    return settings.PORTAL_MODE == "demo" and actor.can("dead_letters")


def demo_mails(actor: Actor) -> QuerySet[DemoMail]:
    """The demo's mails, newest first, for administrators of a demo."""
    rows = DemoMail.objects.order_by("-pk")
    return rows if sees_demo_mails(actor) else rows.none()


def held_mails(actor: Actor) -> QuerySet[OutboxRow]:
    """Mails that wait for their time, next first, for administrators of a demo."""
    rows = OutboxRow.objects.filter(state=State.PENDING, topic__in=MAIL_TOPICS).order_by("next_attempt_at", "pk")
    return rows if sees_demo_mails(actor) else rows.none()


def reference_of_letter(message_ids: Sequence[str]) -> str:
    """What the first of these letters that we sent is about; "" if we sent none of them."""
    known = references_of_letters(message_ids)
    return next((known[one] for one in message_ids if one in known), "")


def references_of_letters(message_ids: Collection[str]) -> dict[str, str]:
    """What each of these letters is about, if we sent it. One query, none for none."""
    rows = LetterReference.objects.filter(message_id__in=list(message_ids))
    return dict(rows.values_list("message_id", "reference")) if message_ids else {}


def oldest_unsent_age() -> float | None:
    """Seconds since the oldest row that is due and not done became due; None if nothing is due."""
    now = timezone.now()
    waiting = OutboxRow.objects.filter(
        state=State.PENDING, topic__in=[*Topic.values, *topic_keys()], not_before__lte=now
    )
    oldest = waiting.aggregate(oldest=Min("not_before"))["oldest"]
    return None if oldest is None else (now - oldest).total_seconds()
