"""Doors for the workers."""

from celery import shared_task

from .actions import alerts, headcount, months, recomputing, saved_views, verifying
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


@shared_task(name="kpis.recompute", acks_late=True, ignore_result=True, expires=60)
def recompute() -> int:
    """Make the daily sums of days whose facts changed; how many days."""
    total = 0
    while done := recomputing.recompute():
        total += done
    return total


@shared_task(name="kpis.make_months", acks_late=True, ignore_result=True, expires=3600)
def make_months() -> int:
    """Have tables for the facts of this month and the next three; how many were made."""
    return months.make_months()


@shared_task(name="kpis.verify", acks_late=True, ignore_result=True, expires=3600)
def verify() -> int:
    """Derive the sums of some days anew, by another way; how many sums were not what the facts say."""
    return verifying.verify()


@shared_task(name="kpis.hand_in_headcount", acks_late=True, ignore_result=True, expires=60)
def hand_in_headcount() -> int:
    """Hand in headcount and leavers where they changed; of how many components."""
    return headcount.hand_in_changes()


@shared_task(name="kpis.hand_in_headcount_again", acks_late=True, ignore_result=True, expires=3600)
def hand_in_headcount_again() -> int:
    """Hand in headcount and leavers of the last 35 days; of how many components some differ."""
    return headcount.hand_in_again()
