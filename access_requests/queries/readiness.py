"""Who begins soon or has begun, and how ready they are. For callers that have chosen sites the reader may see."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from partners import queries as directory

from ..choices import ITEM_STATES_UNDER_WAY, ItemState, Operation
from ..models import Grant, RequestEvent, RequestItem
from ..rules.readiness import Course, Entry, Outlook, outlook
from .starting import Clockwork, Need, clockworks, job_of, named_shifts, needs_of

if TYPE_CHECKING:
    from partners.models import Placement, Site


class Underway(NamedTuple):
    """An item that is to bring somebody an entitlement, with what tells who has it."""

    pk: int
    request_id: int
    site_id: int
    rule_id: int | None
    stage: int
    taken_by_id: int | None
    state: str
    since: datetime | None
    due_at: datetime | None


@dataclass(slots=True)
class Agent:
    """Somebody who begins, and how ready they are. `idle_hours`: paid so far without being able to work."""

    placement: "Placement"
    site: "Site"
    first_shift_at: datetime
    outlook: Outlook
    items: Mapping[int, Underway]
    idle_hours: float | None = None

    @property
    def person_id(self) -> int:
        """The person."""
        return self.placement.person_id


def agents_starting(sites: Sequence["Site"], first: date, last: date, now: datetime) -> list[Agent]:
    """Everybody whose first day at these sites lies between these days, by first shift and name; ten queries at most."""
    by_id = {one.pk: one for one in sites}
    rows = directory.starting_between(list(by_id), first, last).select_related("person", "team", "lead", "programme")
    placements = list(rows.defer("person__search_text", "person__search_characters", "lead__search_text",
                                 "lead__search_characters").order_by("pk"))  # fmt: skip
    if not placements:
        return []
    people = {one.person_id for one in placements}
    keys = {one.pk: job_of(one) for one in placements}
    needs, items, holds = needs_of(keys.values()), items_under_way(people), _held(people)
    shifts, works = named_shifts(by_id, first, last), clockworks(sites)
    found = [
        _agent(
            one, by_id[one.site_id], works[one.site_id], needs[keys[one.pk]], holds.get(one.person_id, {}),
            items.get(one.person_id, {}), shifts.get((one.person_id, one.site_id)), now,
        )
        for one in placements
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.first_shift_at, one.placement.person.label, one.placement.pk))


def still_of_interest(agents: Iterable[Agent], now: datetime) -> list[Agent]:
    """Those who are to begin, and those who have begun and are not ready."""
    return [one for one in agents if one.first_shift_at > now or one.outlook.course is not Course.READY]


def _agent(
    placement: "Placement",
    site: "Site",
    works: Clockwork,
    needs: Sequence[Need],
    holds: Mapping[int, tuple[bool, bool]],
    items: Mapping[int, Underway],
    asked_for: datetime | None,
    now: datetime,
) -> Agent:
    shift = works.shift(placement.first_day, asked_for)
    entries = [_entry(need, holds.get(need[0]), items.get(need[0])) for need in needs]
    deadline = works.ready_by(shift) if entries else shift
    how = outlook(entries, now=now, first_shift_at=shift, ready_by=deadline, days=works.days)
    waits = how.course is not Course.READY and now > shift
    return Agent(placement, site, shift, how, items, works.idle_hours(shift, now) if waits else None)


def _entry(need: Need, hold: tuple[bool, bool] | None, item: Underway | None) -> Entry:
    confirmed, verified = hold or (False, False)
    return Entry(
        *need,
        proven=verified,
        claimed=confirmed and (item is None or item.state == ItemState.CLAIMED_DONE),
        item_id=item.pk if item else None,
        state=item.state if item else "",
        since=item.since if item else None,
        due_at=item.due_at if item else None,
    )


def _held(people: Collection[int]) -> dict[int, dict[int, tuple[bool, bool]]]:
    """Person -> entitlement -> whether it is confirmed, whether it is verified. One query."""
    rows = Grant.objects.filter(person_id__in=people, ended_at=None)
    found: dict[int, dict[int, tuple[bool, bool]]] = defaultdict(dict)
    for person, one, confirmed, verified in rows.values_list(
        "person_id", "entitlement_id", "confirmed_at", "verified_at"
    ):
        found[person][one] = (confirmed is not None, verified is not None)
    return found


def items_under_way(people: Collection[int]) -> dict[int, dict[int, Underway]]:
    """Person -> entitlement -> the item that is to bring it. One query."""
    rows = RequestItem.objects.filter(
        person_id__in=people, operation=Operation.GRANT, state__in=ITEM_STATES_UNDER_WAY
    ).values_list(
        "person_id", "entitlement_id", "pk", "request_id", "request__site_id", "rule_id", "stage", "taken_by_id",
        "state", "due_at", "created_at", "stage_since", "approved_at", "sent_at", "claimed_at",
    )  # fmt: skip
    found: dict[int, dict[int, Underway]] = defaultdict(dict)
    for person, entitlement, pk, request, site, rule, stage, taken, state, due, made, *later in rows:
        at = _since(state, made, *later)
        found[person][entitlement] = Underway(pk, request, site, rule, stage, taken, state, at, due)
    return found


def _since(
    state: str,
    created: datetime,
    asked: datetime | None,
    approved: datetime | None,
    sent: datetime | None,
    claimed: datetime | None,
) -> datetime:
    """When the item came into its state, as near as its columns tell."""
    if state == ItemState.CLAIMED_DONE:
        return claimed or created
    if state in {ItemState.SENT, ItemState.FAILED_FINAL, ItemState.FAILED_RETRYABLE}:
        return sent or approved or created
    if state in {ItemState.APPROVED, ItemState.QUEUED}:
        return approved or created
    return asked or created


def nudged_today(item_ids: Collection[int], time_zone: str, now: datetime) -> set[int]:
    """Those of the items about which somebody was reminded today, by the site's day. One query."""
    local = now.astimezone(ZoneInfo(time_zone))
    since = local.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = RequestEvent.objects.filter(item_id__in=item_ids, code="item.nudge", at__gte=since)
    return set(rows.values_list("item_id", flat=True))
