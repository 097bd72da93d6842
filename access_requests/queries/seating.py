"""Seats that are held or promised. For workers and for callers that have chosen visible items."""

from collections import Counter
from collections.abc import Collection, Sequence

from django.db.models import Q

from ..choices import NO_SEAT, ItemState, Operation
from ..models import Grant, RequestItem

# Agreed to and not with the system yet; what found no seat is still to get one.
_PROMISED = (ItemState.APPROVED, ItemState.QUEUED, ItemState.FAILED_RETRYABLE)


def promised(system_ids: Collection[int]) -> set[tuple[int, int]]:
    """(system, person) of who holds something there, or is to get it after all approvals. Two queries."""
    live = Grant.objects.filter(entitlement__system__in=system_ids, ended_at=None)
    agreed = RequestItem.objects.filter(
        Q(state__in=_PROMISED) | Q(state=ItemState.FAILED_FINAL, failure=NO_SEAT),
        entitlement__system__in=system_ids,
        operation=Operation.GRANT,
    )
    return {
        *live.values_list("entitlement__system", "person").distinct(),
        *agreed.values_list("entitlement__system", "person"),
    }


def limited(items: Sequence[RequestItem]) -> dict[int, int]:
    """System -> its seats, of those that these grants would take one in. The entitlements with their systems are loaded."""
    systems = {one.entitlement.system for one in items if one.operation == Operation.GRANT}
    return {one.pk: one.seat_limit for one in systems if one.seat_limit is not None}


def without_seat(items: Sequence[RequestItem]) -> set[int]:
    """Those of these waiting grants for which no seat is left; one that has a seat counts for those behind it. Two queries."""
    limits = limited(items)
    if not limits:
        return set()
    seated = promised(limits)
    taken = Counter(system for system, _person in seated)
    found = set()
    for one in items:
        system, person = one.entitlement.system_id, one.person_id
        if system not in limits or one.operation != Operation.GRANT or (system, person) in seated:
            continue
        if taken[system] >= limits[system]:
            found.add(one.pk)
        else:
            taken[system] += 1
            seated.add((system, person))
    return found
