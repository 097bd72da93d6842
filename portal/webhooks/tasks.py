"""What workers do for this room besides delivering."""

from celery import shared_task

from portal.webhooks import actions, silence


@shared_task(name="webhooks.prune")
def prune() -> None:
    """Forget old attempts, ids and silences."""
    actions.prune()
    silence.prune()
