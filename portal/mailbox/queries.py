"""Reads."""

from collections.abc import Collection, Mapping

from django.db.models import Count, Q, QuerySet

from portal.accounts.rules import Actor
from portal.mailbox.choices import State
from portal.mailbox.models import InboundMessage, Mailbox
from portal.mailbox.registry import handlers
from portal.notifications.queries import references_of_letters

TROUBLE = (State.UNPARSED, State.FAILED)


def may_configure(actor: Actor) -> bool:
    """Whether the actor keeps the mailboxes."""
    return actor.can("configure")


def mailboxes(actor: Actor) -> QuerySet[Mailbox]:
    """All mailboxes by name with how many messages came in and how many are in trouble, for whoever keeps them."""
    rows = Mailbox.objects.annotate(
        received=Count("messages"), trouble=Count("messages", filter=Q(messages__state__in=TROUBLE))
    ).order_by("name", "pk")
    return rows if may_configure(actor) else rows.none()


def active_mailboxes() -> QuerySet[Mailbox]:
    """Those that are read."""
    return Mailbox.objects.filter(archived_at=None).order_by("pk")


def in_trouble(actor: Actor) -> QuerySet[InboundMessage]:
    """Messages that nobody could take, newest first, for whoever handles failures."""
    rows = InboundMessage.objects.filter(state__in=TROUBLE).select_related("mailbox", "raw").order_by("-pk")
    return rows if actor.can("dead_letters") else rows.none()


def hidden_among(rows: Collection[InboundMessage]) -> set[int]:
    """Messages in trouble that an administrator put out of sight, that refer to what administrators may not read, or that say in
    no head what they refer to: their
    words and files are not shown. One query, and one for each kind of mailbox."""
    # What they answer may have been remembered after they were read.
    letters = references_of_letters({one for row in rows for one in row.answers})
    named = {row.pk: _references(row, letters) for row in rows}
    closed: dict[str, Collection[str]] = {}
    for kind, handler in handlers().items():
        asked = {one for row in rows if row.mailbox.handler == kind for one in named[row.pk]}
        closed[kind] = handler.hidden(asked) if asked else ()
    return {row.pk for row in rows if _shows_nothing(row) or named[row.pk] & set(closed.get(row.mailbox.handler, ()))}


def _shows_nothing(row: InboundMessage) -> bool:
    """Put out of sight; or not even its head could be read, and then nobody knows what it is about."""
    unknown = row.state == State.UNPARSED and not (row.sender or row.subject or row.reference or row.answers)
    return bool(row.hidden_for) or unknown


def _references(row: InboundMessage, letters: Mapping[str, str]) -> set[str]:
    first = next((letters[one] for one in row.answers if one in letters), "")
    return {row.reference, first} - {""}


def copies_of(message_id: int) -> list[int]:
    """The same message as it came through other mailboxes and was taken there."""
    row = InboundMessage.objects.get(pk=message_id)
    others = Mailbox.objects.exclude(pk=row.mailbox_id).values_list("pk", flat=True)
    rows = InboundMessage.objects.filter(mailbox__in=list(others), fingerprint=row.fingerprint, state=State.DONE)
    return list(rows.values_list("pk", flat=True))


def are_one(one: int, other: int) -> bool:
    """Whether two messages that are kept are the same: from one sender, with the same words but for what a list put below
    them, as far as neither was emptied. A Message-ID alone says little: programs write some over and over again."""
    rows = {row.pk: row for row in InboundMessage.objects.filter(pk__in=(one, other))}
    first, second = rows[one], rows[other]
    if first.sender.lower() != second.sender.lower():
        return False
    emptied = first.raw_id is None or second.raw_id is None
    return emptied or first.text.startswith(second.text) or second.text.startswith(first.text)


def trouble_count(actor: Actor) -> int | None:
    """How many messages are in trouble, at most 100; None if there are none."""
    return in_trouble(actor).order_by()[:100].count() or None
