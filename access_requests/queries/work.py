"""Lists of items: what IT works on, what failed, what waits to be confirmed. One page costs the same whatever there is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import DateTimeField, Q, QuerySet, Value, prefetch_related_objects
from django.db.models.functions import Coalesce
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import SYSTEM, Actor
from portal.ui.pagination import Page, keyset_page

from ..choices import ItemState
from ..models import RequestEvent, RequestItem, System
from ..models.requests import NEVER
from .confirming import for_the_lead
from .failures import failures_of
from .scope import site_ids, systems_worked_by

MOST: Final = 1001
#: Tabs of the work queue, by the states that they show.
WORK_STATES: Final = {
    "open": (ItemState.SENT, ItemState.FAILED_RETRYABLE),
    "retrying": (ItemState.FAILED_RETRYABLE,),
    "claimed": (ItemState.CLAIMED_DONE,),
    "failed": (ItemState.FAILED_FINAL,),
}


@dataclass(frozen=True, slots=True)
class WorkFilters:
    """What a list is narrowed to; empty values do not."""

    state: str = "open"
    system: int | None = None
    operation: str = ""
    taken: str = ""
    ids: Sequence[int] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Row:
    """An item with where the person works."""

    item: RequestItem
    site: str
    job_role: str


def work_items(actor: Actor) -> QuerySet[RequestItem]:
    """Items handed over to systems that the actor works on."""
    return RequestItem.objects.filter(entitlement__system__in=systems_worked_by(actor))


def to_confirm(actor: Actor) -> QuerySet[RequestItem]:
    """What IT says is done at sites of the actor, and no system is asked about itself."""
    return RequestItem.objects.filter(for_the_lead(timezone.now()), request__site_id__in=site_ids(actor))


def work_page(actor: Actor, filters: WorkFilters, cursor: str | None) -> Page[RequestItem]:
    """Removals first, then what is due first."""
    rows = work_items(actor).filter(state__in=WORK_STATES[filters.state])
    return _page(_narrowed(rows, filters, actor), cursor)


def failures_page(actor: Actor, filters: WorkFilters, cursor: str | None) -> Page[RequestItem]:
    """Failures that the actor owns, removals first."""
    return _page(_narrowed(failures_of(actor), filters, actor), cursor)


def confirm_page(actor: Actor, filters: WorkFilters, cursor: str | None) -> Page[RequestItem]:
    """What waits for the actor to say that it works."""
    return _page(_narrowed(to_confirm(actor), filters, actor), cursor)


def _narrowed(rows: QuerySet[RequestItem], filters: WorkFilters, actor: Actor) -> QuerySet[RequestItem]:
    if filters.system is not None:
        rows = rows.filter(entitlement__system_id=filters.system)
    if filters.operation:
        rows = rows.filter(operation=filters.operation)
    if filters.taken == "mine":
        rows = rows.filter(taken_by_id=actor.user_id)
    elif filters.taken == "nobody":
        rows = rows.filter(taken_by=None)
    return rows


def _page(rows: QuerySet[RequestItem], cursor: str | None) -> Page[RequestItem]:
    """A page with its people and systems. Users are read aside: with them, planning takes longer than the rest."""
    due = Coalesce("due_at", Value(NEVER, output_field=DateTimeField()))
    named = rows.select_related("person", "entitlement__system", "request__site").annotate(due=due)
    page = keyset_page(named, order=("-operation", "due", "id"), cursor=cursor)
    prefetch_related_objects(page.items, "taken_by", "claimed_by", "claimed_for")
    return page


def with_places(items: Sequence[RequestItem]) -> list[Row]:
    """The items with site and job role of each person: all that IT is shown of them beside name and address. One query."""
    found = directory.latest_placements(SYSTEM, [one.person for one in items], timezone.now().date())
    rows = []
    for item in items:
        place = found.get(item.person_id)
        site = place.site.label if place else item.request.site.label
        rows.append(Row(item, site, place.job_role.label if place else ""))
    return rows


def systems_in(rows: QuerySet[RequestItem]) -> list[System]:
    """Systems that may be chosen as a filter."""
    return list(System.objects.filter(pk__in=rows.values("entitlement__system_id")).order_by("name", "pk"))


def count_of(rows: QuerySet[RequestItem]) -> int:
    """How many, up to a thousand and one."""
    return rows.order_by()[:MOST].count()


def open_work(actor: Actor) -> QuerySet[RequestItem]:
    """What IT has to do."""
    return work_items(actor).filter(state__in=WORK_STATES["open"])


def history_of(item: RequestItem) -> list[RequestEvent]:
    """What happened to an item, oldest first."""
    mine = Q(item=item) | Q(item=None, request_id=item.request_id)
    rows = RequestEvent.objects.filter(mine).select_related("actor", "on_behalf_of")
    return list(rows.order_by("at", "pk")[:500])
