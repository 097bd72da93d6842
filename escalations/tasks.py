"""Doors for the workers."""

from celery import shared_task

from escalations import actions


@shared_task(name="escalations.close_resolved", acks_late=True, ignore_result=True)
def close_resolved() -> int:
    """Close what was resolved a week ago; how many."""
    return actions.close_resolved()
