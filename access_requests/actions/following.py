"""Access follows the directory: rosters, transfers, ends by hand, and days that come without anybody doing anything."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from partners import queries as directory
from partners.choices import ProposalKind
from portal.accounts.rules import SYSTEM, Actor

from .. import queries
from ..choices import Operation, Origin, RequestKind
from ..models import RequestItem
from ._base import lock_people
from .leaving import reconcile, removal_lines, report_leavers

# When shifts begin where only the day is known.
USUAL_START: Final = time(9)
# The longest that a transaction of the safety net is.
BATCH: Final = 200


@transaction.atomic
def follow_roster(*, actor: Actor, roster_id: int) -> None:
    """Ask for what an applied roster's people need, and take away what its leavers have: a request per kind.

    Who applied the roster is the requester. Leavers lose their access when their last day ends at the site, in a request
    per day. Twice is once.
    """
    roster = directory.rosters_visible_to(SYSTEM).select_related("site").get(pk=roster_id)
    people: dict[str, list[directory.RosterChange]] = defaultdict(list)
    changes = directory.roster_changes(roster_id)
    lock_people(change.person_id for change in changes)
    for change in changes:
        kind = RequestKind.JOINER if change.kind == ProposalKind.REHIRE else RequestKind(change.kind)
        people[kind].append(change)
    for kind in (RequestKind.JOINER, RequestKind.MOVER):
        if found := people[kind]:
            reconcile(
                actor=actor, site_id=roster.site_id, person_ids=[one.person_id for one in found], kind=kind,
                origin=Origin.ROSTER, origin_key=f"roster:{roster_id}:{kind}", caused=True,
                first_shift_at=_first_shift([one.first_day for one in found], roster.site.time_zone),
            )  # fmt: skip
    by_day: dict[date, list[int]] = defaultdict(list)
    for one in people[RequestKind.LEAVER]:
        by_day[one.last_day or roster.as_of].append(one.person_id)
    for number, day in enumerate(sorted(by_day)):
        _take_away(
            by_day[day], actor=actor, site_id=roster.site_id, at=directory.end_of(day, roster.site.time_zone),
            origin=Origin.ROSTER, origin_key=f"roster:{roster_id}:leaver" + (f":{day}" if number else ""),
        )  # fmt: skip


@transaction.atomic
def follow_change(*, actor: Actor, person_ids: Collection[int]) -> None:
    """Bring the access of people whose engagements or placements were changed by hand to what they are now."""
    lock_people(person_ids)
    gone = directory.departures(person_ids)
    _depart(gone.values(), actor=actor)
    _settle(set(person_ids) - gone.keys(), actor=actor)


def follow_days() -> int:
    """The safety net: people whose placements or engagements began or ended by themselves; how many were looked at.

    What somebody was asked for since their day came is not asked for again, whatever was decided about it.
    """
    now = timezone.now()
    turned = directory.turned(now)
    gone = directory.departures(turned.keys(), now)
    chosen = [*gone, *sorted(turned.keys() - gone.keys() - _followed(turned))]
    for first in range(0, len(chosen), BATCH):
        some = chosen[first : first + BATCH]
        with transaction.atomic():
            lock_people(some)
            _depart([gone[one] for one in some if one in gone], actor=SYSTEM)
            _settle([one for one in some if one not in gone], actor=SYSTEM)
    return len(chosen)


def _followed(turned: Mapping[int, datetime]) -> set[int]:
    """Those of the people for whom a request followed the directory since their day came."""
    if not turned:
        return set()
    rows = RequestItem.objects.filter(
        person_id__in=turned.keys(), request__origin__in=[Origin.DIRECTORY, Origin.ROSTER],
        created_at__gte=min(turned.values()),
    )  # fmt: skip
    return {person for person, at in rows.values_list("person_id", "created_at") if at >= turned[person]}


def _depart(departures: Iterable[directory.Departure], *, actor: Actor) -> None:
    found = list(departures)
    elsewhere = _sites_of_requests([one.person_id for one in found if one.site_id is None])
    groups: dict[tuple[int, datetime], list[int]] = defaultdict(list)
    for one in found:
        site = one.site_id or elsewhere.get(one.person_id)
        if site is not None:
            groups[site, one.ended_at].append(one.person_id)
    for (site, ended_at), people in sorted(groups.items()):
        _take_away(people, actor=actor, site_id=site, at=ended_at, origin=Origin.DIRECTORY)


def _take_away(
    person_ids: Collection[int], *, actor: Actor, site_id: int, at: datetime, origin: Origin, origin_key: str = ""
) -> None:
    """Report those of the people who hold something that is not being taken away already, and those who hold nothing, once."""
    going = queries.under_way(person_ids, Operation.REVOKE)
    lines = removal_lines(person_ids)
    left = {one.person_id for one in lines if one.entitlement_id not in going.get(one.person_id, ())}
    empty = set(person_ids) - {one.person_id for one in lines}
    left |= empty - queries.reported(empty) if empty else set()
    if left:
        report_leavers(
            actor=actor, site_id=site_id, person_ids=sorted(left), last_shift_at=at, origin=origin,
            origin_key=origin_key, caused=True,
        )  # fmt: skip


def _settle(person_ids: Collection[int], *, actor: Actor) -> None:
    """Reconcile people, a request per site, kind and first shift."""
    if not person_ids:
        return
    places = _places(person_ids)
    elsewhere = _sites_of_requests([one for one in person_ids if one not in places])
    held = queries.held(person_ids)
    groups: dict[tuple[int, str, datetime | None], list[int]] = defaultdict(list)
    for person in sorted(person_ids):
        site, first = places.get(person) or (elsewhere.get(person), None)
        if site is not None:
            groups[site, RequestKind.MOVER if held.get(person) else RequestKind.JOINER, first].append(person)
    for (site, kind, first), people in groups.items():
        reconcile(
            actor=actor, site_id=site, person_ids=people, kind=kind, origin=Origin.DIRECTORY, first_shift_at=first,
            caused=True,
        )  # fmt: skip


def _places(person_ids: Collection[int]) -> dict[int, tuple[int, datetime | None]]:
    """Person -> the site of their latest placement, a primary one if there is any, and the first shift if it is to come."""
    rows = directory.placements_visible_to(SYSTEM).filter(person_id__in=person_ids).order_by("kind", "period", "pk")
    now = timezone.now()
    found: dict[int, tuple[int, datetime | None]] = {}
    for person, site, zone, period in rows.values_list("person_id", "site_id", "site__time_zone", "period"):
        starts = datetime.combine(period.lower, USUAL_START, ZoneInfo(zone))
        found[person] = site, starts if starts > now else None
    return found


def _sites_of_requests(person_ids: Collection[int]) -> dict[int, int]:
    """Where access was last asked for, for people who are placed nowhere."""
    rows = RequestItem.objects.filter(person_id__in=person_ids).order_by("pk")
    return dict(rows.values_list("person_id", "request__site_id"))


def _first_shift(days: Iterable[date | None], zone: str) -> datetime | None:
    """The first of these days' usual start, if there is a day; the earliest decides by when all must be ready."""
    known = sorted(day for day in days if day is not None)
    return datetime.combine(known[0], USUAL_START, ZoneInfo(zone)) if known else None
