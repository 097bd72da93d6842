"""Failures have owners, and these are told."""

from collections.abc import Collection
from typing import Final

from django.utils import timezone

from portal.notifications.actions import Emission, emit

#: Kind of notification: something could not be granted or taken away.
FAILED: Final = "access.failed"


def tell_failed(item_ids: Collection[int]) -> None:
    """Tell the owners of the systems and their IT groups, one line for all that failed at once; in the caller's transaction."""
    ids, now = sorted(set(item_ids)), timezone.now()
    tick = f"access-failed:{min(ids, default=0)}:{now.timestamp()}"
    emit([Emission(FAILED, f"access-failed:{pk}:{now.timestamp()}", {"item": pk}, tick) for pk in ids])
