"""What workers do for this room."""

from celery import shared_task

from portal.api import actions


@shared_task(name="api.prune")
def prune() -> None:
    """Forget old answers."""
    actions.prune()
