"""Which messages of a case can make a case of their own."""

from django.db.models import QuerySet

from escalations.choices import Entry
from escalations.models import Case, TimelineEntry
from portal.accounts.rules import Actor

from .timeline import entries_visible_to

_MESSAGES = (Entry.CONTACT, Entry.NOTE)


def splittable(actor: Actor, case: Case) -> QuerySet[TimelineEntry]:
    """Contacts, mails and notes of the case's stream that have words, the oldest first, as far as the actor may read them."""
    rows = entries_visible_to(actor, case).filter(kind__in=_MESSAGES, body__redacted_at=None)
    return rows.filter(body__isnull=False).exclude(code="note.reason")
