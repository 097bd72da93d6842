"""Simulated weeks of two thousand cases: shared evenly among those who are alike, with caps that bind, hours and skills; and the
automatic assignment over real rows."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from statistics import mean
from zoneinfo import ZoneInfo

import pytest
import time_machine

from escalations.actions import give_unowned, record_fact
from escalations.models import Case, Giving, Service, WorkShift
from escalations.rules.assigning import LATELY, WEIGHTS, Candidate, Shift, Wanted, on_duty, pick
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from tests.factories.assigning import takes
from tests.factories.escalations import CaseFactory, IssueTypeFactory, ServiceFactory, associate, open_policy
from tests.factories.partners import SiteFactory

PRAGUE = ZoneInfo("Europe/Prague")
CASES, PEOPLE = 2000, 20
ALWAYS = tuple(Shift(day, time(0), time(0)) for day in range(7))
#: Early, late and night, each day of the week, eight hours each; the nights end on the next day.
THREE_SHIFTS = tuple(
    tuple(Shift(day, time(begins), time(ends)) for day in range(7)) for begins, ends in ((6, 14), (14, 22), (22, 6))
)
#: 7:00 and 14:30 in Prague, which by the clock of UTC would be night and early.
EARLY, LATE = datetime(2026, 7, 1, 5, tzinfo=UTC), datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
REFUND, SAFETY, REST = frozenset({1}), frozenset({2}), frozenset({3})


@dataclass(frozen=True)
class Colleague:
    """Somebody of the simulated service."""

    id: int
    cap: int | None = None
    shifts: tuple[Shift, ...] = ALWAYS
    issues: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """A case that came, and who got it; `staff`: as everybody stood before."""

    at: datetime
    wanted: Wanted
    staff: list[Candidate]
    chosen: Candidate


class Weeks:
    """Cases that come at random, one in 12 minutes, and stay open for a day or more, heavier ones longer, or for ever where
    nobody works them off. They begin before the clocks change in Prague."""

    def __init__(self, seed: int, people: Iterable[Colleague], *, works_off: bool) -> None:
        self.chance, self.now = Random(seed), datetime(2026, 3, 20, tzinfo=UTC)
        self.people, self.works_off = list(people), works_off
        self.given: list[tuple[datetime, int, int]] = []
        self.open: list[tuple[datetime, int, int]] = []
        #: What each had open, summed over all moments at which a case came.
        self.seen = Counter[int]()

    def steps(self) -> Iterator[Step]:
        """Every case, given to whom the rule picks."""
        for _case in range(CASES):
            self.now += timedelta(minutes=self.chance.expovariate(1 / 12))
            self.open = [one for one in self.open if not self.works_off or one[0] > self.now]
            self.given = [one for one in self.given if one[0] > self.now - LATELY]
            wanted, staff = self._case(), self.staff()
            chosen = pick(staff, wanted)
            assert chosen is not None
            self.seen.update({one.id: one.load for one in staff})
            yield Step(self.now, wanted, staff, chosen)
            self._give(chosen.id, wanted.weight)

    def staff(self) -> list[Candidate]:
        """Everybody as they stand now."""
        load, lately = _sums(self.open), _sums(self.given)
        return [
            Candidate(
                one.id, load[one.id], one.cap, on_duty(one.shifts, (), PRAGUE, self.now), one.issues, one.languages, lately[one.id]
            )
            for one in self.people
        ]  # fmt: skip

    def _case(self) -> Wanted:
        weight = WEIGHTS[self.chance.choices((1, 2, 3, 4), (5, 20, 50, 25))[0]]
        issue = self.chance.choices((REFUND, SAFETY, REST, frozenset[int]()), (10, 10, 75, 5))[0]
        return Wanted(weight, issue, self.chance.choices(("zh", "en", ""), (10, 85, 5))[0])

    def _give(self, owner: int, weight: int) -> None:
        self.given.append((self.now, owner, weight))
        hours = 12 * weight * self.chance.uniform(1, 3)
        self.open.append((self.now + timedelta(hours=hours), owner, weight))


def _sums(rows: Iterable[tuple[datetime, int, int]]) -> Counter[int]:
    found = Counter[int]()
    for _at, owner, weight in rows:
        found[owner] += weight
    return found


def farthest(shared: Iterable[int]) -> float:
    """How far the one who has most, or least, is from the mean, as a ratio of it."""
    each = list(shared)
    share = mean(each)
    return max(abs(one - share) / share for one in each)


def assert_even(weeks: Weeks, alike: Iterable[int]) -> None:
    """Within ten percent: what these have open on average, and at the end of a pile that nobody works off."""
    ids = list(alike)
    assert farthest(weeks.seen[pk] for pk in ids) <= 0.10
    if not weeks.works_off:
        loads = _sums(weeks.open)
        assert farthest(loads[pk] for pk in ids) <= 0.10


both_ways = pytest.mark.parametrize(("seed", "works_off"), [(0, False), (1, False), (0, True), (1, True)])


@both_ways
def test_two_thousand_cases_among_twenty_who_are_alike_are_shared_within_ten_percent(
    seed: int, works_off: bool
) -> None:
    weeks = Weeks(seed, map(Colleague, range(PEOPLE)), works_off=works_off)
    for step in weeks.steps():
        assert step.chosen.load == min(one.load for one in step.staff)
    assert_even(weeks, range(PEOPLE))


@both_ways
def test_caps_that_bind_are_never_passed_and_the_others_share_the_rest(seed: int, works_off: bool) -> None:
    """Everybody's share would be about 50 where cases are worked off, 245 where not; five people have a cap far below."""
    cap = 30 if works_off else 100
    capped, others = range(5), range(5, PEOPLE)
    people = [Colleague(pk, cap if pk in capped else None) for pk in range(PEOPLE)]
    weeks = Weeks(seed, people, works_off=works_off)
    for step in weeks.steps():
        most = max(one.load for one in step.staff if one.id in capped)
        assert most <= cap
    end = {one.id: one.load for one in weeks.staff()}
    assert max(end[pk] for pk in capped) <= cap
    assert_even(weeks, others)
    assert mean(weeks.seen[pk] for pk in others) > 1.5 * mean(weeks.seen[pk] for pk in capped), "the caps did bind"
    assert min(weeks.seen[pk] for pk in capped) > (0.8 if works_off else 0.7) * cap * CASES, "and are made use of"


@both_ways
def test_three_shifts_get_what_comes_in_their_hours_and_share_it(seed: int, works_off: bool) -> None:
    """Over two weeks with a change of the clocks between them."""
    people = [Colleague(pk, shifts=THREE_SHIFTS[pk % 3]) for pk in range(PEOPLE)]
    weeks, changes = Weeks(seed, people, works_off=works_off), set()
    for step in weeks.steps():
        local = step.at.astimezone(PRAGUE)
        changes.add(local.utcoffset())
        assert step.chosen.id % 3 == (local.hour - 6) % 24 // 8, f"{step.chosen.id} does not work at {local}"
    assert len(changes) == 2
    for shift in range(3):
        assert_even(weeks, range(shift, PEOPLE, 3))


@both_ways
def test_who_takes_some_issues_or_languages_gets_no_others_and_those_alike_share(seed: int, works_off: bool) -> None:
    """Five take refunds alone, five speak Chinese alone, ten take whatever comes; one case in ten is about a refund, and one in
    ten Chinese, so that each of the ten has more than any of the others."""
    refunds, chinese, rest = range(5), range(5, 10), range(10, PEOPLE)
    people = [
        Colleague(
            pk, issues=REFUND if pk in refunds else frozenset(), languages=frozenset({"zh"} if pk in chinese else ())
        )
        for pk in range(PEOPLE)
    ]
    weeks, given = Weeks(seed, people, works_off=works_off), Counter[int]()
    for step in weeks.steps():
        given[step.chosen.id] += 1
        if step.chosen.id in refunds:
            assert step.wanted.issues in (REFUND, frozenset()), "of another issue"
        if step.chosen.id in chinese:
            assert step.wanted.language in ("zh", ""), "in another language"
    assert min(given[pk] for pk in range(PEOPLE)) > CASES / 100
    for alike in (refunds, chinese, rest):
        assert_even(weeks, alike)
    assert min(weeks.seen[pk] for pk in rest) > max(weeks.seen[pk] for pk in range(10))


def on_hours(user_ids: Iterable[int], shifts: Iterable[Shift]) -> None:
    """They work so, in Prague."""
    User.objects.filter(pk__in=user_ids).update(time_zone=PRAGUE.key)
    rows = list(shifts)
    WorkShift.objects.bulk_create(
        WorkShift(user_id=pk, weekday=one.weekday, starts=one.starts, ends=one.ends) for pk in user_ids for one in rows
    )


def loads() -> Counter[int]:
    """What everybody has open, of real rows."""
    found = Counter[int]()
    for owner, severity in Case.objects.exclude(owner=None).values_list("owner_id", "severity"):
        found[owner or 0] += WEIGHTS[severity]
    return found


@pytest.mark.django_db
def test_automatic_assignment_keeps_to_services_hours_skills_and_caps_and_is_even() -> None:
    """Two shifts of a day, with 70 cases each, of a service that gives by itself, beside one that does not."""
    with time_machine.travel(EARLY):
        open_policy()
        service, other, site = ServiceFactory(gives_cases=True), ServiceFactory(), SiteFactory()
        refund, rest = IssueTypeFactory(), IssueTypeFactory()
        early, late, capped, refunds, chinese = (associates(service, n) for n in (4, 4, 2, 2, 2))
        elsewhere = associates(other, 2)
        special = [*capped, *refunds, *chinese]
        left = CaseFactory(service=other, site=site, issue_type_id=rest.pk)
    for pk in special:
        takes(
            pk, cap=7 if pk in capped else None, issues=[refund] if pk in refunds else (),
            languages=["zh"] if pk in chinese else (),
        )  # fmt: skip
    for people, hours in ((early, THREE_SHIFTS[0]), (late, THREE_SHIFTS[1]), ([*special, *elsewhere], ALWAYS)):
        on_hours(people, hours)

    chance, spoken, before = Random(0), dict[int, str](), set[int]()
    for at, here in ((EARLY, early), (LATE, late)):
        with time_machine.travel(at):
            for n in range(70):
                severity = chance.choices((1, 2, 3, 4), (5, 20, 50, 25))[0]
                issue, language = (refund if n % 10 == 0 else rest), ("zh" if n % 10 == 5 else "en")
                case = CaseFactory(service=service, site=site, severity=severity, issue_type_id=issue.pk)
                record_fact(actor=SYSTEM, ref=case.ref, key="language", text=language, source="customer")
                spoken[case.pk] = language
            assert give_unowned() == 70
        rows = Giving.objects.exclude(case__in=before)
        assert {row.user_id for row in rows} <= {*here, *special}, "outside their hours, or of another service"
        before |= {row.case_id for row in rows}
        now = loads()
        assert farthest(now[pk] for pk in here) <= 0.10
        assert max(now[pk] for pk in capped) <= 7 < min(now[pk] for pk in here)

    for row in Giving.objects.select_related("case"):
        assert row.user_id not in refunds or row.case.issue_type_id == refund.pk, "of another issue"
        assert row.user_id not in chinese or spoken[row.case_id] == "zh", "in another language"
    assert [now[pk] for pk in capped] == [7, 7], "their room is made use of"
    assert min(now[pk] for pk in (*refunds, *chinese)) > 0
    assert Case.objects.get(pk=left.pk).owner_id is None, "its service does not give by itself"


def associates(service: Service, number: int) -> list[int]:
    """New members of it."""
    return [associate(service).user_id or 0 for _ in range(number)]
