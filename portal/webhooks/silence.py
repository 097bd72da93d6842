"""Systems that do not answer: an address that kept one request waiting for nothing is left alone, longer each time.

Whoever sends to addresses that somebody typed in asks `check` before and tells `note` how it went. A silence is longer than the
runs of workers are apart, so that the backlogs of several dead systems cost a wait each, and then the others have their turn.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.notifications.registry import RetryLater
from portal.webhooks.models import Silence

#: Seconds that nobody is left alone beyond, unless the first silence is longer than that already.
LONGEST: Final = 1800.0
# What nobody was asked for so long begins anew.
_KEPT: Final = timedelta(days=1)


def seconds_of(misses: int) -> float:
    """Seconds of silence after so many waits for nothing in a row: doubling, up to half an hour."""
    first = float(settings.WEBHOOKS_SILENCE)
    return min(max(first, LONGEST), first * 2.0 ** min(misses - 1, 16))


def check(address: str, name: str) -> None:
    """Raises RetryLater while the system of this name is left alone."""
    now = timezone.now()
    until = Silence.objects.filter(address=address, until__gt=now).values_list("until", flat=True).first()
    if until is not None:
        raise RetryLater(f"{name} did not answer a moment ago, and was not asked", after=(until - now).total_seconds())


def note(address: str, waited: float, *, answered: bool) -> float | None:
    """A request ended after `waited` seconds. Returns for how many seconds the address is left alone now, None if it is not.

    Who answers, or refuses without keeping us waiting, ends a silence. A wait while one lasts (a test, another worker) does not
    make it longer.
    """
    if answered or waited < settings.WEBHOOKS_TIMEOUT / 2:
        end([address])
        return None
    now = timezone.now()
    with transaction.atomic():
        first = {"until": now + timedelta(seconds=seconds_of(1))}
        row, new = Silence.objects.select_for_update().get_or_create(address=address, defaults=first)
        if not new and row.until <= now:
            row.misses = min(row.misses + 1, 100)
            row.until = now + timedelta(seconds=seconds_of(row.misses))
            row.save(update_fields=["misses", "until"])
    return (row.until - now).total_seconds()


def end(addresses: Collection[str]) -> None:
    """Ask them again from now on."""
    Silence.objects.filter(address__in=addresses).delete()


def prune() -> None:
    """Forget silences that were over a day ago."""
    Silence.objects.filter(until__lt=timezone.now() - _KEPT).delete()
