"""Doors for the workers."""

from typing import Final

from celery import shared_task

from sla.actions.calendars import refresh_calendars as refresh
from sla.actions.recomputing import run_pending
from sla.actions.ticking import tick as run_tick

# A tick that has not begun after one interval is dropped by the broker; one that runs longer than this leaves the
# rest to the next.
_BUDGET_SECONDS: Final = 60.0


@shared_task(name="sla.tick", acks_late=True, ignore_result=True, expires=5)
def tick() -> int:
    """Fire every clock that is due; how many events."""
    return run_tick(budget_seconds=_BUDGET_SECONDS).events


@shared_task(name="sla.recompute", acks_late=True, ignore_result=True, expires=10)
def recompute() -> int:
    """Go on with recomputing the clocks that changed policies and calendars touch; how many moved."""
    return run_pending(budget_seconds=_BUDGET_SECONDS)


@shared_task(name="sla.refresh_calendars", acks_late=True, ignore_result=True, expires=3600)
def refresh_calendars() -> int:
    """Take over newly announced holidays; how many calendars got a new version."""
    return refresh()
