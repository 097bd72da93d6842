"""Who begins soon or has begun, and how ready they are. For callers that have chosen sites the reader may see."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max

from partners import queries as directory
from sla.business_time import BusinessCalendar
from sla.queries import calendars_for
from sla.queries.calendars import newest_versions

from ..choices import ITEM_STATES_UNDER_WAY, ItemState, Operation, RequestKind
from ..models import Entitlement, Grant, RequestEvent, RequestItem
from ..rules import Place, ready_by, wanted_of
from ..rules.readiness import Course, Days, Entry, Outlook, first_shift, outlook
from .planning import patterns

if TYPE_CHECKING:
    from partners.models import Placement, Site


NEAR: Final = timedelta(days=7)


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


@dataclass(frozen=True, slots=True)
class Clockwork:
    """A site's zone and business time."""

    zone: ZoneInfo
    calendar: BusinessCalendar | None
    days: Days


def clockworks(sites: Iterable["Site"]) -> dict[int, Clockwork]:
    """Zone and business time of these sites. Three queries."""
    rows = list(sites)
    newest = newest_versions({one.calendar_id for one in rows if one.calendar_id is not None})
    found = calendars_for(newest.values())
    calendars = {one.pk: found.get(newest.get(one.calendar_id or 0, 0)) for one in rows}
    return {one.pk: Clockwork(ZoneInfo(one.time_zone), calendars[one.pk], Days(calendars[one.pk])) for one in rows}


def agents_starting(sites: Sequence["Site"], first: date, last: date, now: datetime) -> list[Agent]:
    """Everybody whose first day at these sites lies between these days, by first shift and name; ten queries at most."""
    by_id = {one.pk: one for one in sites}
    rows = directory.starting_between(list(by_id), first, last).select_related("person", "team", "lead", "programme")
    placements = list(rows.defer("person__search_text", "person__search_characters", "lead__search_text",
                                 "lead__search_characters").order_by("pk"))  # fmt: skip
    if not placements:
        return []
    people = {one.person_id for one in placements}
    entries, items = _entries(placements), items_under_way(people)
    holds, shifts, works = _held(people), _first_shifts(people, by_id), clockworks(sites)
    found = [
        _agent(
            one, by_id[one.site_id], works[one.site_id], entries[one.pk], holds.get(one.person_id, {}),
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
    needs: Sequence[tuple[int, int, int]],
    holds: Mapping[int, tuple[bool, bool]],
    items: Mapping[int, Underway],
    asked_for: datetime | None,
    now: datetime,
) -> Agent:
    shift = first_shift(placement.first_day, works.zone, works.calendar)
    # A request of an earlier time here says nothing about this one.
    if asked_for is not None and abs(asked_for - shift) <= NEAR:
        shift = asked_for
    entries = [_entry(need, holds.get(need[0]), items.get(need[0])) for need in needs]
    deadline = ready_by(shift, works.zone, works.calendar) if entries else shift
    how = outlook(entries, now=now, first_shift_at=shift, ready_by=deadline, days=works.days)
    waits = how.course is not Course.READY and now > shift
    return Agent(placement, site, shift, how, items, works.days.idle_hours(shift, now) if waits else None)


def _entry(need: tuple[int, int, int], hold: tuple[bool, bool] | None, item: Underway | None) -> Entry:
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


def _entries(placements: Iterable["Placement"]) -> dict[int, list[tuple[int, int, int]]]:
    """Placement -> what its bundles bring: entitlement, system, usual minutes. Three queries."""
    rows = patterns()
    wanted = {one for pattern in rows for one in pattern.entitlement_ids}
    facts = {
        pk: (pk, system, minutes)
        for pk, system, minutes in Entitlement.objects.filter(pk__in=wanted).values_list(
            "pk", "system_id", "system__lead_minutes"
        )
    }
    found: dict[int, list[tuple[int, int, int]]] = {}
    # People of the same job at the same site need the same.
    known: dict[tuple[int, str, int], list[tuple[int, int, int]]] = {}
    for one in placements:
        place = Place(0, one.job_role_id, one.programme.code if one.programme else "", one.site_id)
        key = place[1:]
        if key not in known:
            known[key] = [facts[pk] for pk in sorted(wanted_of([place], rows)[0])]
        found[one.pk] = known[key]
    return found


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


def _first_shifts(people: Collection[int], sites: Collection[int]) -> dict[tuple[int, int], datetime]:
    """The first shift that the newest request of joiners names, by person and site. One query."""
    rows = RequestItem.objects.filter(
        person_id__in=people, request__kind__in=[RequestKind.JOINER, RequestKind.MOVER], request__site_id__in=sites,
        request__first_shift_at__isnull=False,
    )  # fmt: skip
    named = rows.order_by().values_list("person_id", "request__site_id").annotate(at=Max("request__first_shift_at"))
    return {(person, site): at for person, site, at in named}


def nudged_today(item_ids: Collection[int], time_zone: str, now: datetime) -> set[int]:
    """Those of the items about which somebody was reminded today, by the site's day. One query."""
    local = now.astimezone(ZoneInfo(time_zone))
    since = local.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = RequestEvent.objects.filter(item_id__in=item_ids, code="item.nudge", at__gte=since)
    return set(rows.values_list("item_id", flat=True))
