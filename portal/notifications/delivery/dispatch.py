"""Carries out rows of the topics that rooms registered: claim, commit, deliver, mark. One bad row cannot stop the others."""

import logging
import math
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.notifications.delivery import outbox
from portal.notifications.delivery.outbox import Claim
from portal.notifications.registry import OutboxTopic, RetryLater, Undeliverable, topic_keys, topic_of
from portal.notifications.rules import MAX_ATTEMPTS, retry_delay

logger = logging.getLogger(__name__)
BATCH: Final = 20
# What one delivery may take at most; a claim with less time left is given back instead of being carried out twice.
MARGIN: Final = timedelta(seconds=60)
# Longer than this nobody is left alone, whatever they ask for (seconds).
LONGEST_WAIT: Final = 24 * 3600.0


def dispatch_batch(topics: Sequence[str] | None = None, until: float = math.inf) -> int:
    """Carry out one batch of due rows, of these topics or of all. What is not begun at `until` (of the monotonic clock) is
    given back, but for the first. Returns how many were taken up; 0 when none is due."""
    claims = outbox.claim_topics(topic_keys() if topics is None else topics, BATCH)
    for number, claim in enumerate(claims):
        if timezone.now() > claim.until - MARGIN or (number and time.monotonic() > until):
            outbox.release(claim)
        elif topic := topic_of(claim.rows[0].topic):
            _attempt(claim, topic)
    return len(claims)


def _attempt(claim: Claim, topic: OutboxTopic) -> None:
    if claim.attempts > MAX_ATTEMPTS:
        _give_up(claim, topic, "the worker died each time")
        return
    try:
        topic.deliver(claim.rows[0])
    except Undeliverable as error:
        logger.warning("%s will not be tried again: %s", claim.key, error)
        _give_up(claim, topic, str(error))
    except RetryLater as error:
        _later(claim, topic, str(error), error.after)
    except Exception as error:
        logger.exception("%s failed in a way that has no name", claim.key)
        _later(claim, topic, f"{type(error).__name__}: {error}")
    else:
        if not outbox.mark_sent(claim):
            logger.warning("%s was done after its lease had run out", claim.key)


def _later(claim: Claim, topic: OutboxTopic, why: str, after: float | None = None) -> None:
    if claim.attempts >= MAX_ATTEMPTS:
        _give_up(claim, topic, why)
    else:
        delay = retry_delay(claim.attempts, random.random)
        outbox.postpone(claim, why, max(delay, min(after or 0.0, LONGEST_WAIT)))


def _give_up(claim: Claim, topic: OutboxTopic, why: str) -> None:
    """Bury the row and say so; if that cannot be taken, the row stays and is tried again."""
    try:
        with transaction.atomic():
            if outbox.bury(claim, why) and topic.gave_up:
                topic.gave_up(claim.rows[0], outbox.shortened(why))
    except Exception as error:
        logger.exception("Nobody could be told that %s failed", claim.key)
        outbox.postpone(claim, f"{type(error).__name__}: {error}", retry_delay(claim.attempts, random.random))
