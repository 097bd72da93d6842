"""Requests as lists and as pages. Constant queries, whatever the number of rows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet

from partners import queries as directory
from portal.accounts import queries as accounts
from portal.accounts.rules import SYSTEM, Actor
from portal.ui.pagination import capped_count

from ..choices import FINAL_STATES, ItemState, RequestState
from ..models import AccessRequest, LeaverReport, RequestDraft, RequestEvent, RequestItem
from .scope import user_ids, visible_to

OPEN: Final = (RequestState.AWAITING_APPROVAL, RequestState.IN_PROGRESS, RequestState.ATTENTION)
DONE: Final = (RequestState.DONE, RequestState.PARTLY_DONE, RequestState.CLOSED)
TABS: Final = ("open", "mine", "attention", "done")
HISTORY_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request is: how many items there are, are over, and are verified, for how many people."""

    total: int = 0
    ended: int = 0
    verified: int = 0
    people: int = 0
    first_person: str = ""

    @property
    def percent(self) -> int:
        """Items that are over, of all."""
        return 100 * self.ended // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """What happened, how often at the same instant, by whom and for whom; `item_id` if it was one item alone."""

    code: str
    params: Mapping[str, Any]
    at: Any
    times: int
    actor: str
    principal: str
    item_id: int | None


def in_tab(actor: Actor, tab: str) -> QuerySet[AccessRequest]:
    """Visible requests of a tab."""
    rows = visible_to(actor)
    if tab == "mine":
        return rows.filter(requested_by_id__in=user_ids(actor))
    if tab == "attention":
        return rows.filter(state=RequestState.ATTENTION)
    return rows.filter(state__in=DONE if tab == "done" else OPEN)


def tab_counts(actor: Actor) -> dict[str, int]:
    """How many there are in each tab, a thousand at most. A query per tab."""
    return {tab: capped_count(in_tab(actor, tab)) for tab in TABS}


def narrowed(
    rows: QuerySet[AccessRequest], *, text: str = "", site: Any = None, kind: str = "", state: str = ""
) -> QuerySet[AccessRequest]:
    """Those of a site, kind and state, about people whom the text means."""
    given = {"site": site, "kind": kind, "state": state}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if text:
        people = directory.people_like(SYSTEM, text).values("pk")
        about = (one.objects.filter(request=OuterRef("pk"), person__in=people) for one in (RequestItem, LeaverReport))
        rows = rows.filter(reduce(or_, (Exists(one) for one in about)))
    return rows


def progress_of(ids: Collection[int]) -> dict[int, Progress]:
    """How far these requests are. Two queries."""
    rows = RequestItem.objects.filter(request__in=ids).order_by().values_list("request_id")
    counted = rows.annotate(
        total=Count("pk"),
        ended=Count("pk", filter=Q(state__in=FINAL_STATES)),
        verified=Count("pk", filter=Q(state=ItemState.VERIFIED)),
        people=Count("person", distinct=True),
        first=Min("person__name"),
    )
    found = {pk: Progress(*values) for pk, *values in counted}
    empty = LeaverReport.objects.filter(request__in=ids).order_by().values_list("request_id")
    for pk, people, first in empty.annotate(people=Count("pk"), first=Min("person__name")):
        one = found.get(pk, Progress(first_person=first))
        found[pk] = replace(one, people=one.people + people)
    return found


def drafts_of(actor: Actor) -> list[RequestDraft]:
    """What the actor has begun and not sent, latest first."""
    rows = RequestDraft.objects.filter(owner_id=actor.user_id or 0, request=None).select_related("site__partner")
    return list(rows.order_by("-saved_at")[:20])


def attention_count(actor: Actor) -> int:
    """Requests of the actor's sites that somebody has to look at, a hundred at most."""
    return capped_count(in_tab(actor, "attention"), 100)


def people_in(request: AccessRequest) -> QuerySet[Any]:
    """The people of a request."""
    mine = Q(pk__in=request.items.values("person")) | Q(pk__in=request.empty_reports.values("person"))
    return directory.people_visible_to(SYSTEM).filter(mine)


def empty_in(request: AccessRequest) -> QuerySet[LeaverReport]:
    """Those of a leaver request who held nothing, unless that was taken back."""
    return request.empty_reports.filter(cancelled_at=None)


def items_for(request: AccessRequest, person_ids: Iterable[int]) -> list[RequestItem]:
    """The items of these people, with all that is shown of them."""
    rows = request.items.filter(person_id__in=list(person_ids)).select_related(
        "entitlement__system__group", "entitlement__system__owner", "sod_rule", "taken_by", "claimed_by",
        "verified_by", "superseded_by", "bundle_version__bundle",
    )  # fmt: skip
    return list(rows.order_by("operation", "entitlement__system__name", "entitlement__name", "pk"))


def states_in(request: AccessRequest) -> dict[str, int]:
    """How many items are in which state."""
    rows = request.items.order_by().values_list("state").annotate(number=Count("pk"))
    return dict(rows)


def history_of(request: AccessRequest) -> list[HistoryLine]:
    """What happened, latest first; the same done to many items at once is one line. Two queries."""
    rows = RequestEvent.objects.filter(request=request).order_by()
    grouped = rows.values("code", "params", "at", "actor_id", "on_behalf_of_id").annotate(
        times=Count("pk"), item=Max("item_id"), latest=Max("pk")
    )
    found = list(grouped.order_by("-at", "-latest")[:HISTORY_MOST])
    users = {one[key] for one in found for key in ("actor_id", "on_behalf_of_id")} - {None}
    names = accounts.names_of(sorted(users))
    return [
        HistoryLine(
            one["code"], one["params"], one["at"], one["times"], _name(names, one["actor_id"]),
            _name(names, one["on_behalf_of_id"]), one["item"] if one["times"] == 1 else None,
        )
        for one in found
    ]  # fmt: skip


def _name(names: Mapping[int, Any], user_id: int | None) -> str:
    found = names.get(user_id) if user_id is not None else None
    return found.text if found else ""
