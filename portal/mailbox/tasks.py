"""What workers do for this room; safe to run twice at once and to be killed anywhere."""

import time
from typing import Final

from celery import shared_task

from portal.mailbox import intake, polling, queries
from portal.mailbox.models import Mailbox

RUN_SECONDS: Final = 20.0


@shared_task(name="mailbox.poll")
def poll() -> None:
    """Have every mailbox read, each by itself, so that a slow server holds up no other."""
    for mailbox_id in queries.active_mailboxes().values_list("pk", flat=True):
        poll_one.apply_async((mailbox_id,), expires=60)


@shared_task(name="mailbox.poll_one")
def poll_one(mailbox_id: int) -> None:
    """Read one mailbox, then hand on what came."""
    mailbox = Mailbox.objects.filter(pk=mailbox_id, archived_at=None).first()
    if mailbox is not None and polling.poll(mailbox):
        handle()


@shared_task(name="mailbox.handle")
def handle() -> None:
    """Hand messages that are due to their wings."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until and intake.handle_one():
        pass
