"""Items go out, reasons end, what was taken away is looked for again. Each is safe to run twice at once and to be killed."""

import time
from collections.abc import Callable
from typing import Final

from celery import shared_task

from .. import actions
from ..actions.proving import recheck as look_again

# Seconds that one run may take up new batches: less than the interval, so that runs do not pile up.
_RUN_SECONDS: Final = 4.0


def _drain(batch: Callable[[], int], seconds: float = _RUN_SECONDS) -> int:
    """Run batches until one is empty or the time is up; how many were dealt with."""
    until, done = time.monotonic() + seconds, 0
    while (found := batch()) and time.monotonic() < until:
        done += found
    return done + found


@shared_task(name="access.dispatch", acks_late=True, ignore_result=True)
def dispatch() -> int:
    """Hand over what is approved and whose time has come."""
    return _drain(actions.dispatch)


@shared_task(name="access.expire", acks_late=True, ignore_result=True)
def expire() -> int:
    """End reasons whose time is over, and raise the removals."""
    return _drain(actions.expire_due)


@shared_task(name="access.recheck", acks_late=True, ignore_result=True)
def recheck() -> int:
    """Read back what is claimed, look once more for what was taken away."""
    return look_again()


@shared_task(name="access.free", acks_late=True, ignore_result=True)
def free() -> int:
    """What was held up by a conflict, or for want of a seat, goes on once nothing is in its way."""
    return actions.free_blocked() + actions.free_waiting()


@shared_task(name="access.sweep", acks_late=True, ignore_result=True)
def sweep() -> int:
    """Take away what is held although nothing supports it."""
    return actions.sweep_unsupported()
