"""The last net: whatever is held without a reason, however that came about, is taken away, and its owners hear of it."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.notifications.actions import Emission, emit

from ..choices import Operation, Origin, RequestKind
from ..models import RequestItem
from ..queries.sweeping import unsupported
from ._base import lock_people
from .leaving import removals_by_site
from .raising import raise_request

BATCH: Final = 500
#: Kind of notification: something was held without a reason.
UNSUPPORTED: Final = "access.unsupported"


def sweep_unsupported(batch: int = BATCH) -> int:
    """Raise the removal of every live grant without a living reason and without a removal under way; how many.

    Safe to run twice and side by side. Grants of people who belong to no site are left; administrators are shown them.
    """
    raised, last = 0, 0
    while chosen := list(unsupported().filter(pk__gt=last).order_by("pk").values_list("pk", "person_id")[:batch]):
        last = chosen[-1][0]
        raised += _raise({pk for pk, _person in chosen}, {person for _pk, person in chosen})
    return raised


@transaction.atomic
def _raise(grant_ids: Collection[int], person_ids: Collection[int]) -> int:
    lock_people(person_ids)
    # Read again under the lock.
    now = timezone.now()
    still = list(unsupported().filter(pk__in=grant_ids).values_list("pk", flat=True))
    made = [
        raise_request(
            actor=SYSTEM, kind=RequestKind.AD_HOC, site_id=site, lines=lines, origin=Origin.SWEEP, caused=True
        )
        for site, lines in removals_by_site(still).items()
    ]
    going = RequestItem.objects.filter(request__in=made, operation=Operation.REVOKE, ended_at=None)
    ids = list(going.order_by("pk").values_list("pk", flat=True))
    _tell(ids, now)
    return len(ids)


def _tell(item_ids: Collection[int], now: datetime) -> None:
    """Tell the owners of the systems and their IT groups: one line for all that was found at once."""
    tick = f"{UNSUPPORTED}:{now.timestamp()}"
    emit([Emission(UNSUPPORTED, f"{UNSUPPORTED}:{pk}", {"item": pk}, tick) for pk in item_ids])
