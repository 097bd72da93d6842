"""Who was reported as leaving, and has not been employed anew since."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor

from ..choices import ItemState, Origin, RequestKind
from ..models import AccessRequest, LeaverReport, RequestEvent, RequestItem
from .scope import visible_to

#: Why lines of a report end at once, although nobody took it back.
_NEEDLESS: Final = ("under_way", "not_held", "still_needed")


class Report(NamedTuple):
    """When somebody's leaving was reported, and when their last shift ends, if that is known."""

    made_at: datetime
    last_shift_at: datetime | None


def needless() -> QuerySet[RequestEvent]:
    """That a line of a report ended at once because there was nothing (more) to do."""
    return RequestEvent.objects.filter(item=OuterRef("pk"), code="item.cancel", params__why__in=_NEEDLESS)


def reports(person_ids: Collection[int]) -> dict[int, Report]:
    """The latest report of those of the people whose leaving was reported during the employment that they have now. Three queries.

    Whoever is employed anew, or was reported by mistake and taken back, is not among them.
    """
    rows = RequestItem.objects.filter(person_id__in=person_ids, request__kind=RequestKind.LEAVER).exclude(
        state=ItemState.DRAFT
    )
    rows = rows.exclude(~Exists(needless()), state=ItemState.CANCELLED).order_by("request__created_at")
    found = {
        person: Report(made_at, last_shift_at)
        for person, made_at, last_shift_at in rows.values_list(
            "person_id", "request__created_at", "request__last_shift_at"
        )
    }
    for person, made_at, last_shift_at in (
        _empty()
        .filter(person_id__in=person_ids)
        .values_list("person_id", "request__created_at", "request__last_shift_at")
    ):
        one = Report(made_at, last_shift_at)
        found[person] = max(found.get(person, one), one, key=lambda report: report.made_at)
    engaged = directory.engagements_visible_to(SYSTEM).filter(person_id__in=found).order_by("period")
    began = {person: period.lower for person, period in engaged.values_list("person_id", "period")}
    return {person: one for person, one in found.items() if person not in began or began[person] <= one.made_at.date()}


def reported(person_ids: Collection[int]) -> set[int]:
    """Those of the people whose leaving was reported, as `reports`."""
    return set(reports(person_ids))


def _empty() -> QuerySet[LeaverReport]:
    """Reports of people who held nothing, the latest last."""
    return LeaverReport.objects.filter(cancelled_at=None).order_by("request__created_at")


def held_nothing(actor: Actor, person_id: int) -> list[AccessRequest]:
    """Visible requests in which this person was reported as leaving and held nothing, the latest first."""
    mine = _empty().filter(person=person_id).values("request")
    return list(visible_to(actor).filter(pk__in=mine).order_by("-pk"))


def reported_at(site_ids: Collection[int], since: datetime) -> dict[int, list[datetime]]:
    """Site -> when its people were reported as leaving since then, one instant a person and request. Two queries.

    Those who held nothing count; reports that were taken back, and what the portal took away again by itself, do not.
    """
    requests = AccessRequest.objects.filter(
        site__in=site_ids, kind=RequestKind.LEAVER, submitted_at__gte=since
    ).exclude(origin=Origin.EXPIRY)
    items = RequestItem.objects.filter(request__in=requests).exclude(~Exists(needless()), state=ItemState.CANCELLED)
    columns = ("request__site_id", "request_id", "person_id", "request__submitted_at")
    rows = {*items.values_list(*columns), *_empty().filter(request__in=requests).values_list(*columns)}
    found: dict[int, list[datetime]] = defaultdict(list)
    for site, _request, _person, at in rows:
        found[site].append(at)
    return found
