"""Readiness of sites in figures. For callers that have chosen sites the reader may see.

The same judgement as the board's, without its rows: the database says who lacks what, and each case is judged once
however many people share it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, DateTimeField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from partners import queries as directory

from ..choices import ITEM_STATES_UNDER_WAY, ItemState, Operation
from ..models import Grant, RequestItem
from ..rules.readiness import Course, Entry, judge
from .starting import Clockwork, Job, Need, clockworks, named_shifts, needs_of

if TYPE_CHECKING:
    from partners.models import Site


@dataclass(slots=True)
class Figures:
    """How many begin at a site, on which course, how many of them tomorrow, and the paid hours of those who wait."""

    courses: Counter[Course] = field(default_factory=Counter)
    tomorrow: int = 0
    tomorrow_at_risk: int = 0
    idle_hours: float = 0.0

    @property
    def total(self) -> int:
        """All of them."""
        return self.courses.total()


class Starter(NamedTuple):
    """Somebody who begins: where, as what, and when the first shift is."""

    person_id: int
    job: Job
    shift_at: datetime


class Step(NamedTuple):
    """How far an item is, as far as it tells where it is heading. `since`: when it was sent, if that is its state."""

    state: str
    since: datetime | None
    due_at: datetime | None


def figures_of(sites: Sequence["Site"], first: date, last: date, now: datetime) -> dict[int, Figures]:
    """Figures of each site about whoever begins between these days and is of interest still; ten queries at most."""
    works = clockworks(sites)
    found = {one.pk: Figures() for one in sites}
    starters = starters_of(works, first, last)
    lacking = _lacking(starters)
    to_come = {one.person_id for one, lacks in lacking if lacks and one.shift_at > now}
    judged = _Judged(works, now, to_come)
    for starter, lacks in lacking:
        site = starter.job.site_id
        if starter.shift_at > now or lacks:
            _count(found[site], starter, judged.course(starter, lacks), works[site], now)
    return found


def _count(figures: Figures, starter: Starter, course: Course, works: Clockwork, now: datetime) -> None:
    figures.courses[course] += 1
    if starter.shift_at.astimezone(works.zone).date() == now.astimezone(works.zone).date() + timedelta(days=1):
        figures.tomorrow += 1
        figures.tomorrow_at_risk += course >= Course.AT_RISK
    if course is not Course.READY and now > starter.shift_at:
        figures.idle_hours += works.idle_hours(starter.shift_at, now) or 0.0


def starters_of(works: Mapping[int, Clockwork], first: date, last: date) -> list[Starter]:
    """Whoever begins between these days at these sites, with the first shift. Two queries."""
    rows = directory.starting_between(list(works), first, last).order_by("pk")
    named = named_shifts(works, first, last)
    found = []
    columns = ("person_id", "job_role_id", "programme__code", "site_id", "period__startswith")
    for person, role, programme, site, day in rows.values_list(*columns):
        shift = works[site].shift(day, named.get((person, site)))
        found.append(Starter(person, Job(role, programme or "", site), shift))
    return found


def _lacking(starters: Sequence[Starter]) -> list[tuple[Starter, tuple[Need, ...]]]:
    """Each with what the job brings and is not proven."""
    needs = needs_of(one.job for one in starters)
    proven = _proven({one.person_id for one in starters})
    # Most people of a wave have the same.
    known: dict[tuple[Job, tuple[int, ...]], tuple[Need, ...]] = {}
    found = []
    for one in starters:
        key = one.job, proven.get(one.person_id, ())
        if key not in known:
            known[key] = tuple(need for need in needs[one.job] if need.entitlement_id not in key[1])
        found.append((one, known[key]))
    return found


def _among(people: Iterable[int]) -> RawSQL:
    """These people, as one parameter however many they are."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(people)])


def _proven(people: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Person -> entitlements held and verified. One query."""
    rows = Grant.objects.filter(person_id__in=_among(people), ended_at=None, verified_at__isnull=False)
    pairs = rows.order_by().values_list("person_id").annotate(held=ArrayAgg("entitlement_id"))
    return {person: tuple(held) for person, held in pairs}


class _Judged:
    """Where people are heading who have not begun; each case is judged once. Two queries."""

    def __init__(self, works: Mapping[int, Clockwork], now: datetime, to_come: Collection[int]) -> None:
        self._works = works
        self._now = now
        self._known: dict[tuple[object, ...], Course] = {}
        self._confirmed = _confirmed(to_come)
        self._steps = _steps(to_come)

    def course(self, starter: Starter, lacks: Iterable[Need]) -> Course:
        """The worst of what is lacking; too late once the first shift has begun."""
        if starter.shift_at <= self._now:
            return Course.MISS if lacks else Course.READY
        person, works = starter.person_id, self._works[starter.job.site_id]
        steps = self._steps.get(person, {})
        return max(
            (self._one(works, starter, need, steps.get(need.entitlement_id)) for need in lacks), default=Course.READY
        )

    def _one(self, works: Clockwork, starter: Starter, need: Need, step: Step | None) -> Course:
        claimed = (starter.person_id, need.entitlement_id) in self._confirmed
        claimed = claimed and (step is None or step.state == ItemState.CLAIMED_DONE)
        key = (works, starter.shift_at, need.lead_minutes, claimed, step)
        if key not in self._known:
            self._known[key] = self._judge(works, starter.shift_at, need, step, claimed=claimed)
        return self._known[key]

    def _judge(self, works: Clockwork, shift: datetime, need: Need, step: Step | None, *, claimed: bool) -> Course:
        state, since, due = step or ("", None, None)
        entry = Entry(*need, claimed=claimed, state=state, since=since, due_at=due)
        found = judge(entry, now=self._now, first_shift_at=shift, ready_by=works.ready_by(shift), days=works.days)
        return found.course if found else Course.READY


def _confirmed(people: Collection[int]) -> set[tuple[int, int]]:
    """(Person, entitlement) of what somebody said is there and nothing has proven yet."""
    rows = Grant.objects.filter(
        person_id__in=_among(people), ended_at=None, verified_at=None, confirmed_at__isnull=False
    )
    return set(rows.values_list("person_id", "entitlement_id"))


def _steps(people: Collection[int]) -> dict[int, dict[int, Step]]:
    """Person -> entitlement -> how far the item is that is to bring it. What was sent together comes as one row."""
    sent = When(state=ItemState.SENT, then=Coalesce("sent_at", "approved_at", "created_at"))
    rows = RequestItem.objects.filter(
        person_id__in=_among(people), operation=Operation.GRANT, state__in=ITEM_STATES_UNDER_WAY
    ).annotate(since=Case(sent, default=Value(None), output_field=DateTimeField()))
    found: dict[int, dict[int, Step]] = defaultdict(dict)
    alike = rows.order_by().values_list("entitlement_id", "state", "since", "due_at")
    for entitlement, *facts, persons in alike.annotate(people=ArrayAgg("person_id")):
        step = Step(*facts)
        for person in persons:
            found[person][entitlement] = step
    return found
