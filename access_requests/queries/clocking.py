"""What clocks need to know of items: by when, and what a policy may ask of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..models import Grant, RequestItem

ITEM_KIND: Final = "access_item"
GRANT_KIND: Final = "access_grant"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """One item as its clocks look at it."""

    request_id: int
    dimensions: Mapping[str, str]
    due_at: datetime | None
    round: int


def clock_facts(item_ids: Collection[int]) -> dict[int, ClockFacts]:
    """These items, in the order of their ids. One query."""
    rows = RequestItem.objects.filter(pk__in=item_ids).order_by("pk")
    found = {}
    for pk, request, kind, partner, system, privileged, due_at, number in rows.values_list(
        "pk", "request_id", "request__kind", "request__site__partner_id", "entitlement__system_id",
        "entitlement__privileged", "due_at", "round",
    ):  # fmt: skip
        dimensions = {
            "kind": kind, "partner": str(partner), "system": str(system), "privileged": YES if privileged else NO,
        }  # fmt: skip
        found[pk] = ClockFacts(request, dimensions, due_at, number)
    return found


def item_states(item_ids: Collection[int]) -> dict[int, str]:
    """Where these items stand. One query."""
    return dict(RequestItem.objects.filter(pk__in=item_ids).values_list("pk", "state"))


def grant_states(grant_ids: Collection[int]) -> dict[int, str]:
    """Whether these grants live. One query."""
    rows = Grant.objects.filter(pk__in=grant_ids).values_list("pk", "ended_at")
    return {pk: "ended" if ended_at else "live" for pk, ended_at in rows}
