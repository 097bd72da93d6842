"""Reads."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from portal.accounts.rules import Actor
from portal.files.actions import read
from portal.mailbox.choices import State
from portal.mailbox.heads import UnparsedError
from portal.mailbox.models import InboundMessage, Mailbox
from portal.mailbox.parsing import Parsed, alike, parse
from portal.mailbox.registry import handlers
from portal.mailbox.traces import may_be_copy, trace_of
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
    """Messages in trouble that an administrator put out of sight, that refer to what administrators may not read, that are copies
    of what stands there, or that say in no head what they refer to: their words and files are not shown. One query, and what
    each kind of mailbox asks."""
    # What they answer, and what a copy of them became, may have been remembered after they were read.
    letters = references_of_letters({one for row in rows for one in (*row.answers, *_ids(row))})
    named = {row.pk: _references(row, letters) for row in rows}
    asked = {one for names in named.values() for one in names}
    # Every kind is asked: a copy may have come through a mailbox of another one.
    closed = {one for handler in handlers().values() for one in handler.hidden(asked)} if asked else set()
    return {row.pk for row in rows if _shows_nothing(row) or named[row.pk] & closed}


def _shows_nothing(row: InboundMessage) -> bool:
    """Put out of sight; or not even its head could be read, and then nobody knows what it is about."""
    unknown = row.state == State.UNPARSED and not (row.sender or row.subject or row.reference or row.answers)
    return bool(row.hidden_for) or unknown


def _references(row: InboundMessage, letters: Mapping[str, str]) -> set[str]:
    # A mail that it answers may stand in a case of each service that it came to, and is remembered for one of them.
    first = next((letters[one] for one in row.answers if one in letters), "")
    ids = _ids(row)
    return {row.reference, first, *row.answers, *ids, *(letters[one] for one in ids if one in letters)} - {""}


def _ids(row: InboundMessage) -> set[str]:
    """Its own Message-ID, by which it may be known from another mailbox."""
    return {one for one in (row.message_id, row.fingerprint) if one.startswith("<")}


def untaken_copies_of(message_id: int) -> QuerySet[InboundMessage]:
    """What came under the same Message-ID from the same sender at the same time, and is in trouble or on its way there. One
    that nobody could read has no date."""
    row = InboundMessage.objects.get(pk=message_id)
    if not row.message_id:
        return InboundMessage.objects.none()
    same = Q(message_id=row.message_id) | Q(fingerprint=row.message_id)
    undated = Q() if row.sent_at == row.received_at else Q(sent_at=row.sent_at) | Q(sent_at=F("received_at"))
    waiting = Q(state__in=TROUBLE) | Q(state=State.NEW)
    return InboundMessage.objects.filter(same, undated, waiting, sender__iexact=row.sender).exclude(pk=row.pk)


def copies_of(message_id: int) -> list[int]:
    """The same message as it came through other mailboxes and was taken there."""
    row = InboundMessage.objects.get(pk=message_id)
    rows = _kept_as([row.fingerprint]).exclude(mailbox=row.mailbox_id).filter(state=State.DONE)
    return list(rows.values_list("pk", flat=True))


def kept_as(names: Collection[str]) -> Mapping[int, str]:
    """The messages that are kept under these names, through whichever mailbox. Two queries."""
    return dict(_kept_as(names).values_list("pk", "fingerprint"))


def _kept_as(names: Collection[str]) -> QuerySet[InboundMessage]:
    """The mailboxes are named since the index begins with them: there are few of them, and very many messages."""
    everywhere = Mailbox.objects.values_list("pk", flat=True)
    return InboundMessage.objects.filter(mailbox__in=list(everywhere), fingerprint__in=list(names))


def are_one(one: int, other: int) -> bool:
    """Whether two messages that are kept under one Message-ID are the same (`parsing.alike`); of one that was emptied, sender
    and date say it, or where one of them has no date, the sender and what is left of the words."""
    rows = {row.pk: row for row in InboundMessage.objects.filter(pk__in=(one, other)).select_related("raw")}
    first, second = rows[one], rows[other]
    if first.raw is None or second.raw is None:
        if first.sender != second.sender or not _may_be_of_one_date(_date_of(first), _date_of(second)):
            return False
        return may_be_emptied(first, second) and may_be_emptied(second, first)
    said = _said(_bytes(first)), _said(_bytes(second))
    return said[0] is not None and said[1] is not None and alike(said[0], said[1])


def is_one(row: InboundMessage, raw: bytes) -> bool:
    """Whether a message that comes in is this one, which is kept under its Message-ID; as `are_one`."""
    kept = _bytes(row)
    if kept == raw:
        return True
    found = _said(raw)
    if found is None:
        return False
    if row.raw is None:
        one_date = _may_be_of_one_date(_date_of(row), found.sent_at)
        return row.sender == found.sender and one_date and may_be_copy(row.trace, found)
    said = _said(kept)
    return said is not None and alike(said, found)


def may_be_emptied(row: InboundMessage, other: InboundMessage) -> bool:
    """Whether what another message says may be what was removed from this one, by what is left of it; of one that cannot be read
    nobody knows."""
    said = _said(_bytes(other)) if row.raw is None and row.trace else None
    return said is None or may_be_copy(row.trace, said)


def left_of(row: InboundMessage) -> dict[str, str] | None:
    """What is kept of a message whose words are about to be removed: of one without a date alone, as a date tells enough."""
    said = _said(_bytes(row)) if row.raw is not None and _date_of(row) is None else None
    return trace_of(said) if said is not None else None


def _date_of(row: InboundMessage) -> datetime | None:
    """When it says that it was written; one that does not say it is kept under the time when it arrived."""
    return None if row.sent_at == row.received_at else row.sent_at


def _may_be_of_one_date(one: datetime | None, other: datetime | None) -> bool:
    return one is None or other is None or one == other


def _bytes(row: InboundMessage) -> bytes:
    """A message as it came; nothing if it was emptied, or the disk lost it."""
    if row.raw is None:
        return b""
    try:
        with read(row.raw) as stream:
            return stream.read()
    except FileNotFoundError:
        return b""


def _said(raw: bytes) -> Parsed | None:
    try:
        return parse(raw)
    except UnparsedError:
        return None


def trouble_count(actor: Actor) -> int | None:
    """How many messages are in trouble, at most 100; None if there are none."""
    return in_trouble(actor).order_by()[:100].count() or None
