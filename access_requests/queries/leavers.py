"""Who was reported as leaving, and has not been employed anew since."""

from collections.abc import Collection
from datetime import date

from partners import queries as directory
from portal.accounts.rules import SYSTEM

from ..choices import ItemState, RequestKind
from ..models import RequestItem


def reported(person_ids: Collection[int]) -> set[int]:
    """Those of the people whose leaving was reported during the employment that they have now. Two queries.

    Whoever is employed anew, or was reported by mistake and taken back, is not among them.
    """
    rows = RequestItem.objects.filter(person_id__in=person_ids, request__kind=RequestKind.LEAVER).exclude(
        state__in=[ItemState.DRAFT, ItemState.CANCELLED]
    )
    latest: dict[int, date] = {}
    for person, at in rows.order_by("request__created_at").values_list("person_id", "request__created_at"):
        latest[person] = at.date()
    engaged = directory.engagements_visible_to(SYSTEM).filter(person_id__in=latest).order_by("period")
    began = {person: period.lower for person, period in engaged.values_list("person_id", "period")}
    return {person for person, day in latest.items() if person not in began or began[person] <= day}
