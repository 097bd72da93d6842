"""What workers do for this room besides delivering."""

from celery import shared_task

from portal.webhooks import actions


@shared_task(name="webhooks.prune")
def prune() -> None:
    """Forget old attempts and ids."""
    actions.prune()
