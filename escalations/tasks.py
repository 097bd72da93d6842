"""Doors for the workers."""

import time
from typing import Final

from celery import shared_task

from escalations import actions
from escalations.actions import channels_in, evidence, figures, settling
from escalations.rendering import evidence as evidence_packs

RUN_SECONDS: Final = 4.0


@shared_task(name="escalations.close_resolved", acks_late=True, ignore_result=True)
def close_resolved() -> int:
    """Close what was resolved a week ago; how many."""
    return actions.close_resolved()


@shared_task(name="escalations.evidence", acks_late=True, ignore_result=True, expires=10)
def make_evidence() -> int:
    """Make evidence packs that were asked for, delete those that have lain long enough; how many were made."""
    evidence.expire_packs()
    return evidence.make_packs(evidence_packs.build)


@shared_task(name="escalations.give_unowned", acks_late=True, ignore_result=True, expires=10)
def give_unowned() -> int:
    """Give unowned cases of services that do so by themselves; how many."""
    return actions.give_unowned()


@shared_task(name="escalations.take_messages", ignore_result=True)
def take_messages() -> None:
    """Make entries and cases of what channels brought."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until and channels_in.take_one():
        pass


@shared_task(name="escalations.settle_mail", acks_late=True, ignore_result=True, expires=60)
def settle_mail() -> int:
    """Note how letters ended of which nobody could be told when they did; how many."""
    return settling.settle_mail()


@shared_task(name="escalations.remind", acks_late=True, ignore_result=True, expires=60)
def remind() -> int:
    """Tell of offers that nobody answers and of overdue questions; of how many."""
    return actions.remind()


@shared_task(name="escalations.hand_in_figures", acks_late=True, ignore_result=True, expires=60)
def hand_in_figures() -> int:
    """Hand in the figures that changed since; of how many components."""
    return figures.hand_in_changes()


@shared_task(name="escalations.hand_in_figures_again", acks_late=True, ignore_result=True, expires=3600)
def hand_in_figures_again() -> int:
    """Hand in the figures of the last 35 days; of how many components some differ."""
    return figures.hand_in_again()
