"""Approvals that nobody decides, or can decide."""

from celery import shared_task

from .. import actions


@shared_task(name="access.find_orphans", acks_late=True, ignore_result=True)
def find_orphans() -> int:
    """Look for items that nobody can decide, and tell those who can help."""
    return actions.find_orphans()


@shared_task(name="access.tell_stand_ins", acks_late=True, ignore_result=True)
def tell_stand_ins() -> int:
    """Tell those who began to stand in for somebody what waits for them now."""
    return actions.tell_stand_ins()


@shared_task(name="access.expire_undecided", acks_late=True, ignore_result=True)
def expire_undecided() -> int:
    """End items that nobody decided for two weeks after they were due."""
    return actions.expire_undecided()
