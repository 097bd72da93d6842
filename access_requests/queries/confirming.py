"""What waits for a word that it is so: the lead's, or the system's own."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from ..choices import Channel, ItemState, Proof

#: How long a system is asked itself; after that it is the lead's word.
READ_BACK_FOR: Final = timedelta(hours=2, minutes=15)


def reads_back(now: datetime) -> Q:
    """Items that IT says are done and that the system itself is still asked about."""
    return Q(
        state=ItemState.CLAIMED_DONE,
        entitlement__system__channel=Channel.SCIM,
        entitlement__system__proof=Proof.READ_BACK,
        claimed_at__gt=now - READ_BACK_FOR,
    )


def for_the_lead(now: datetime) -> Q:
    """Items that IT says are done and that nothing but a person can confirm."""
    return Q(state=ItemState.CLAIMED_DONE) & ~reads_back(now)
