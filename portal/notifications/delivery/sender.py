"""Sends what is due: claim, commit, send, mark. One bad row cannot stop the others."""

import contextlib
import logging
import math
import random
import smtplib
import time
from collections import deque
from collections.abc import Callable
from datetime import timedelta

from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from portal.notifications.delivery import outbox
from portal.notifications.delivery.composing import compose
from portal.notifications.delivery.errors import ANSWERED, BAD_MESSAGE, BROKEN_CONNECTION, code, is_permanent, reason
from portal.notifications.delivery.outbox import Claim
from portal.notifications.registry import watch_of
from portal.notifications.rules import MAX_ATTEMPTS, retry_delay

logger = logging.getLogger(__name__)
BATCH = 20
# What one message may take at most; a claim with less time left is given back instead of being sent twice.
MARGIN = timedelta(seconds=60)


class UnreachableError(Exception):
    """No connection to the mail server could be opened."""


class SilentError(UnreachableError):
    """The mail server let us wait for nothing."""


def send_batch(connect: Callable[[], BaseEmailBackend] = lambda: mail.mailers.default, until: float = math.inf) -> int:
    """Send one batch of due mails over one connection. What is not begun at `until` (of the monotonic clock) is given back, but for
    the first. Returns how many messages were taken up; 0 when none is due.

    Raises UnreachableError when there is no mail server to talk to, or none that answers; what was claimed then waits for the next run.
    """
    claims = outbox.claim_messages(BATCH)
    left = deque(claims)
    wire = Wire(connect)
    try:
        while left and (len(left) == len(claims) or time.monotonic() <= until):
            _attempt(left.popleft(), wire)
    finally:
        for rest in left:
            outbox.release(rest)
        wire.close()
    return len(claims)


class Wire:
    """A connection to the mail server that is opened when first needed and again after it broke."""

    def __init__(self, connect: Callable[[], BaseEmailBackend]) -> None:
        self._connect = connect
        self._backend: BaseEmailBackend | None = None

    def send(self, message: EmailMultiAlternatives) -> None:
        """Hand one message over. Raises UnreachableError, or whatever the server or the message's own faults raise."""
        if self._backend is None:
            self._backend = self._opened()
        since = time.monotonic()
        try:
            taken = self._backend.send_messages([message])
        except BROKEN_CONNECTION as error:
            if _waited(self._backend, since):
                raise SilentError(reason(error)) from error
            raise
        if not taken:
            raise ValueError("the message names no recipient")

    def _opened(self) -> BaseEmailBackend:
        backend = self._connect()
        since = time.monotonic()
        try:
            backend.open()
        except (*BROKEN_CONNECTION, OSError) as error:
            kind = SilentError if _waited(backend, since) else UnreachableError
            raise kind(reason(error)) from error
        return backend

    def close(self) -> None:
        """Say goodbye; a server that is gone already does not matter."""
        if self._backend is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._backend.close()
        self._backend = None


def _waited(backend: BaseEmailBackend, since: float) -> bool:
    """Whether what ended badly took so long that the server must have kept us waiting. A backend without a timeout never waits."""
    timeout = getattr(backend, "timeout", None)
    return timeout is not None and time.monotonic() - since >= timeout / 2


def _attempt(claim: Claim, wire: Wire) -> None:
    """Send the message of one claim and settle its rows."""
    if timezone.now() > claim.until - MARGIN:
        outbox.release(claim)
    elif claim.attempts > MAX_ATTEMPTS:
        # What was said last is why, if it could only not be told.
        _settled(claim, "failed", claim.rows[0].last_error or "the worker died each time")
    else:
        _send(claim, wire)


def _send(claim: Claim, wire: Wire) -> None:
    if outbox.lost_words(claim):
        _settled(claim, "failed", outbox.WORDS_REMOVED)
        return
    try:
        message = compose(claim)
    except Exception as error:
        logger.exception("Mail %s could not be written", claim.key)
        _later(claim, reason(error))
        return
    if message is None:
        outbox.mark_sent(claim, note="nothing left to say")
        return
    _deliver(claim, message, wire)


def _deliver(claim: Claim, message: EmailMultiAlternatives, wire: Wire) -> None:
    try:
        wire.send(message)
    except UnreachableError as error:
        wire.close()
        _later(claim, str(error))
        raise
    except (*BROKEN_CONNECTION, *ANSWERED, *BAD_MESSAGE) as error:
        wire.close()
        _failed(claim, error)
    except Exception as error:
        wire.close()
        logger.exception("Mail %s failed in a way that has no name", claim.key)
        _later(claim, reason(error))
    else:
        if not _settled(claim, "sent"):
            logger.warning("Mail %s went out after its lease had run out", claim.key)


def _failed(claim: Claim, error: Exception) -> None:
    if is_permanent(error):
        logger.warning("Mail %s was refused: %s", claim.key, code(error))
        _settled(claim, "failed", reason(error))
    else:
        _later(claim, reason(error))


def _later(claim: Claim, why: str) -> None:
    if claim.attempts >= MAX_ATTEMPTS:
        _settled(claim, "failed", why)
    else:
        outbox.postpone(claim, why, retry_delay(claim.attempts, random.random))


def _settled(claim: Claim, how: str, why: str = "") -> bool:
    """Mark the rows and tell whoever watches the letter, both or neither: what failed and could not be told stays, and is tried
    again. What is out is marked all the same, so that it never goes twice; the watch looks for what it was not told. False if
    the lease was lost."""
    try:
        return _marked_and_told(claim, how, why)
    except Exception:
        logger.exception("Nobody could be told that mail %s was %s", claim.key, how)
        if how == "sent":
            return outbox.mark_sent(claim)
        outbox.postpone(claim, why, retry_delay(claim.attempts, random.random))
        return True


@transaction.atomic
def _marked_and_told(claim: Claim, how: str, why: str) -> bool:
    watch = watch_of(str(claim.rows[0].payload.get("watch", "")))
    if watch is not None:
        watch.hold(claim.key)
    mine = outbox.bury(claim, why) if how == "failed" else outbox.mark_sent(claim)
    if mine and watch is not None:
        watch.settled(claim.key, how, outbox.shortened(why))
    return mine
