"""What the directory does by itself."""

from celery import shared_task

from . import actions

BATCH = 500


@shared_task(name="partners.end_lapsed_access", expires=600, acks_late=True)
def end_lapsed_access() -> int:
    """End the access of people whose last day has passed; how many engagements were dealt with."""
    total = 0
    while done := actions.close_ended(limit=BATCH):
        total += done
    return total
