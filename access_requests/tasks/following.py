"""What has to happen because days pass."""

from celery import shared_task

from .. import actions


@shared_task(name="access.follow_days", acks_late=True, ignore_result=True)
def follow_days() -> None:
    """Access follows placements and engagements that began or ended by themselves."""
    actions.follow_days()


@shared_task(name="access.prune_drafts", acks_late=True, ignore_result=True)
def prune_drafts() -> None:
    """Drafts that nobody touched for a month go, and with them the people that they name."""
    actions.prune_drafts()
