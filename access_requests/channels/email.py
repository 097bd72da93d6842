"""E-mail: a letter to the ticket address of a system. Its answer comes by mail as well, see `replies`."""

from portal.notifications.actions import send_mail

from ..choices import Operation
from .base import Outcome, Parcel

PREFIX = "letter:"


def carry(parcel: Parcel) -> Outcome:
    """Queue the letter, once for this hand-over."""
    send_mail(
        to=parcel.system.ticket_address,
        template="access_requests/email/change",
        context={
            "parcel": parcel,
            "grant": parcel.operation == Operation.GRANT,
            "what": parcel.entitlement.external_value or parcel.entitlement.name,
        },
        language="en",
        idempotency_key=PREFIX + parcel.key,
    )
    return Outcome(done=False)
