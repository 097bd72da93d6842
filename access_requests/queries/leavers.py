"""Who was reported as leaving, and has not been employed anew since."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef

from partners import queries as directory
from portal.accounts.rules import SYSTEM

from ..choices import ItemState, RequestKind
from ..models import RequestEvent, RequestItem

#: Why lines of a report end at once, although nobody took it back.
_NEEDLESS: Final = ("under_way", "not_held", "still_needed")


class Report(NamedTuple):
    """When somebody's leaving was reported, and when their last shift ends, if that is known."""

    made_at: datetime
    last_shift_at: datetime | None


def reports(person_ids: Collection[int]) -> dict[int, Report]:
    """The latest report of those of the people whose leaving was reported during the employment that they have now. Two queries.

    Whoever is employed anew, or was reported by mistake and taken back, is not among them.
    """
    needless = RequestEvent.objects.filter(item=OuterRef("pk"), code="item.cancel", params__why__in=_NEEDLESS)
    rows = RequestItem.objects.filter(person_id__in=person_ids, request__kind=RequestKind.LEAVER).exclude(
        state=ItemState.DRAFT
    )
    rows = rows.exclude(~Exists(needless), state=ItemState.CANCELLED).order_by("request__created_at")
    found = {
        person: Report(made_at, last_shift_at)
        for person, made_at, last_shift_at in rows.values_list(
            "person_id", "request__created_at", "request__last_shift_at"
        )
    }
    engaged = directory.engagements_visible_to(SYSTEM).filter(person_id__in=found).order_by("period")
    began = {person: period.lower for person, period in engaged.values_list("person_id", "period")}
    return {person: one for person, one in found.items() if person not in began or began[person] <= one.made_at.date()}


def reported(person_ids: Collection[int]) -> set[int]:
    """Those of the people whose leaving was reported, as `reports`."""
    return set(reports(person_ids))
