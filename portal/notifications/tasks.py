"""What workers do for this room. Each task is safe to run twice at once and to be killed anywhere."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from portal.notifications.choices import State
from portal.notifications.delivery import dispatch as dispatching
from portal.notifications.delivery import fanout, sender, turns
from portal.notifications.models import DemoMail, OutboxRow
from portal.notifications.registry import topic_keys

logger = logging.getLogger(__name__)
# Seconds that one run may take up new batches: less than the interval, so that runs do not pile up.
RUN_SECONDS = 4.0
# A mail server that takes connections and says nothing costs a worker one wait (EMAIL_TIMEOUT) in this time.
SILENCE_SECONDS = 60
SILENT = "notifications.mail_server_is_silent"
KEPT_SENT = timedelta(days=7)
KEPT_DISCARDED = timedelta(days=90)
KEPT_DEMO_MAILS = 2000
PRUNED_AT_ONCE = 10_000


def _drain(batch: Callable[[], int]) -> int:
    """Run batches until one is empty or the run's time is up. Returns how many rows were taken up."""
    until, done = time.monotonic() + RUN_SECONDS, 0
    while (found := batch()) and time.monotonic() < until:
        done += found
    return done + found


@shared_task(name="notifications.fan_out")
def fan_out() -> None:
    """Hand emitted events round."""
    _drain(fanout.fan_out_batch)


@shared_task(name="notifications.send")
def send() -> None:
    """Send mails that are due: one run at a time, and none while a server that kept us waiting is left alone."""
    with turns.turn(turns.MAIL) as mine:
        if not mine or cache.get(SILENT):
            return
        try:
            _drain(partial(sender.send_batch, until=time.monotonic() + RUN_SECONDS))
        except sender.SilentError as error:
            cache.set(SILENT, True, SILENCE_SECONDS)
            logger.warning("The mail server does not answer and is left alone for a minute: %s", error)
        except sender.UnreachableError as error:
            logger.warning("The mail server cannot be reached: %s", error)


@shared_task(name="notifications.dispatch")
def dispatch() -> None:
    """Carry out what rooms queued: webhooks, other systems. Each topic has its own time, so that receivers of one that do not
    answer hold up no other."""
    with turns.turn(turns.DISPATCH, settings.DISPATCHERS) as mine:
        for topic in topic_keys() if mine else ():
            _drain(partial(dispatching.dispatch_batch, [topic], time.monotonic() + RUN_SECONDS))


@shared_task(name="notifications.prune")
def prune() -> None:
    """Forget what was sent a week ago and what was put away three months ago."""
    now = timezone.now()
    _drain(lambda: _delete_some(state=State.SENT, sent_at__lt=now - KEPT_SENT))
    _drain(lambda: _delete_some(state=State.DEAD, discarded_at__lt=now - KEPT_DISCARDED))
    newest = DemoMail.objects.order_by("-pk").values_list("pk", flat=True)[KEPT_DEMO_MAILS : KEPT_DEMO_MAILS + 1]
    DemoMail.objects.filter(pk__lte=next(iter(newest), 0)).delete()


def _delete_some(**which: object) -> int:
    ids = OutboxRow.objects.filter(**which).values("pk")[:PRUNED_AT_ONCE]
    return OutboxRow.objects.filter(pk__in=ids).delete()[0]
