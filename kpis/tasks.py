"""Doors for the workers."""

from celery import shared_task

from .actions import alerts, saved_views
from .importing import uploads


@shared_task(name="kpis.look_for_signals", acks_late=True, ignore_result=True, expires=60)
def look_for_signals() -> int:
    """Tell of new signals where sums have changed; how many."""
    return alerts.look_for_signals()


@shared_task(name="kpis.look_everywhere", acks_late=True, ignore_result=True, expires=3600)
def look_everywhere() -> int:
    """Have every site looked at again: weeks have passed, contracts have changed; how many sites."""
    return alerts.look_everywhere()


@shared_task(name="kpis.send_mailings", acks_late=True, ignore_result=True, expires=60)
def send_mailings() -> int:
    """Queue the views that are due by mail; how many."""
    return saved_views.send_mailings()


@shared_task(name="kpis.read_imports", acks_late=True, ignore_result=True, expires=60)
def read_imports() -> int:
    """Check or apply the large files that people brought; how many."""
    return uploads.read_waiting()
