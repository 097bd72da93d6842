"""Letters that ended while nobody could be told: the case says so as soon as it can."""

import logging
from typing import Final

from django.db import transaction

from escalations.choices.mail import Delivery
from escalations.models import OutboundMail
from portal.notifications.queries import ended_letters

from .mail_out import hold_letter, settled

logger = logging.getLogger(__name__)
#: In one run; what is left waits for the next one.
MOST: Final = 500


def settle_mail() -> int:
    """Note on their cases how letters ended that are marked as waiting there; how many."""
    waiting = OutboundMail.objects.filter(state=Delivery.QUEUED)
    return sum(_settle(one.key) for one in ended_letters(waiting.values_list("key", flat=True), MOST))


def _settle(key: str) -> bool:
    try:
        with transaction.atomic():
            hold_letter(key)
            # Somebody sent it again, or another worker told, while the case was waited for.
            ended = ended_letters(
                OutboundMail.objects.filter(key=key, state=Delivery.QUEUED).values_list("key", flat=True), 1
            )
            for one in ended:
                settled(one.key, one.how, one.why, one.at)
            return bool(ended)
    except Exception:
        logger.exception("How mail %s ended could not be noted", key)
        return False
