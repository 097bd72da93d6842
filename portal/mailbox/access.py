"""The only way to a row for a person."""

from django.http import Http404

from portal.accounts.rules import Actor
from portal.mailbox.models import InboundMessage, Mailbox
from portal.mailbox.queries import in_trouble, may_configure

MAX_ID = 2**63 - 1


def get_mailbox(actor: Actor, pk: int, *, for_update: bool = False) -> Mailbox:
    """A mailbox, archived ones included, for whoever keeps them. Raises Http404."""
    rows = Mailbox.objects.select_for_update() if for_update else Mailbox.objects.all()
    found = rows.filter(pk=pk).first() if may_configure(actor) and pk <= MAX_ID else None
    if found is None:
        raise Http404
    return found


def get_trouble(actor: Actor, pk: int, *, for_update: bool = False) -> InboundMessage:
    """A message that nobody could take. Raises Http404."""
    rows = in_trouble(actor)
    rows = rows.select_for_update(of=("self",)) if for_update else rows
    found = rows.filter(pk=pk).first() if pk <= MAX_ID else None
    if found is None:
        raise Http404
    return found
