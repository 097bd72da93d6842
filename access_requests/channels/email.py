"""E-mail: a letter to the ticket address of a system. Its answer comes by mail as well, see `replies`."""

from typing import Final

from portal.mailbox.queries import active_mailboxes
from portal.notifications.actions import send_mail

from ..choices import Operation
from .base import Outcome, Parcel

PREFIX: Final = "letter:"
#: Of what a letter is remembered by.
LONGEST_REFERENCE: Final = 20
#: The kind of mailbox that answers are read from.
MAILBOX: Final = "access"


def carry(parcel: Parcel) -> Outcome:
    """Queue the letter in the language that the ticket address reads, once for this hand-over."""
    send_mail(
        to=parcel.system.ticket_address,
        template="access_requests/email/change",
        context={
            "parcel": parcel,
            "grant": parcel.operation == Operation.GRANT,
        },
        language=parcel.system.ticket_language,
        idempotency_key=PREFIX + parcel.key,
        # Longer ones are found by the subject alone.
        reference=parcel.reference if len(parcel.reference) <= LONGEST_REFERENCE else "",
        reply_to=reply_to(),
    )
    return Outcome(done=False)


def reply_to() -> str:
    """Where answers go: the first mailbox that is read for them; "" where there is none (to the sender, then)."""
    return active_mailboxes().filter(handler=MAILBOX).values_list("address", flat=True).first() or ""
