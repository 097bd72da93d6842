"""What the directory does by itself."""

from celery import shared_task
from django.utils import timezone

from . import actions

BATCH = 500


@shared_task(name="partners.end_lapsed_access", expires=600, acks_late=True)
def end_lapsed_access() -> int:
    """End the access of people whose last day has passed; how many engagements were dealt with."""
    total = 0
    while done := actions.close_ended(limit=BATCH):
        total += done
    return total


@shared_task(name="partners.remind_of_attestations", expires=3600, acks_late=True)
def remind_of_attestations() -> int:
    """Remind leads of the week's word on leavers, and tell coordinators who did not give it; how many sites."""
    return actions.remind_of_attestations(timezone.now())
