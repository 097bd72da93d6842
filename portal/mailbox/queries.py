"""Reads."""

from django.db.models import Count, Q, QuerySet

from portal.accounts.rules import Actor
from portal.mailbox.choices import State
from portal.mailbox.models import InboundMessage, Mailbox
from portal.mailbox.registry import handlers
from portal.notifications.queries import reference_of_letter

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


def is_hidden(row: InboundMessage) -> bool:
    """Whether a message in trouble refers to what administrators may not read: then its words and files are not shown."""
    handler = handlers().get(row.mailbox.handler)
    # What it answers may have been remembered after it was read.
    named = {row.reference, reference_of_letter(row.answers) if row.answers else ""} - {""}
    return handler is not None and any(handler.hidden(one) for one in named)


def trouble_count(actor: Actor) -> int | None:
    """How many messages are in trouble, at most 100; None if there are none."""
    return in_trouble(actor).order_by()[:100].count() or None
