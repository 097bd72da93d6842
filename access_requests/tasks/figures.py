"""Figures that access hands in."""

from celery import shared_task

from ..actions import figures


@shared_task(name="access.hand_in_figures", acks_late=True, ignore_result=True, expires=60)
def hand_in_figures() -> int:
    """Hand in who was ready at the first shift, where it changed; of how many components."""
    return figures.hand_in_changes()


@shared_task(name="access.hand_in_figures_again", acks_late=True, ignore_result=True, expires=3600)
def hand_in_figures_again() -> int:
    """Hand in the readiness of the last 35 days; of how many components some differ."""
    return figures.hand_in_again()
