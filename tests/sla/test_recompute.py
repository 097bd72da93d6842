"""A change of policies or calendars reaches open clocks, in batches, and goes on where it stopped."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.rules import SYSTEM
from sla import actions, queries
from sla.actions.calendars import OutdatedError
from sla.actions.policies import newest_policy_version, policy_content
from sla.actions.recomputing import _step, run_pending
from sla.country_days import CountryDays, country_days
from sla.models import Calendar, CalendarVersion, Clock, ClockEvent, Policy, PolicyVersion, Recompute
from sla.queries.calendars import content_of, newest_version
from sla.queries.preview import preview, with_calendar
from tests.factories.sla import ALWAYS, OFFICE, CalendarFactory, PolicyFactory
from tests.factories.sla import content_of as policy_of
from tests.sla.subjects import Memory, remembered

pytestmark = pytest.mark.django_db
START = datetime(2027, 11, 18, 9, tzinfo=UTC)  # a Thursday to come


@pytest.fixture
def memory() -> Iterator[Memory]:
    with remembered() as found:
        yield found


def start(count: int) -> None:
    for pk in range(1, count + 1):
        actions.start(
            actor=SYSTEM,
            subject_kind="thing",
            subject_id=pk,
            dimensions={"severity": "2"},
            metrics=["resolution"],
            at=START,
        )


def change_hours(calendar: Calendar, hours: dict[str, list[tuple[str, str]]]) -> CalendarVersion:
    version = newest_version(calendar.pk)
    return actions.change_calendar(
        actor=SYSTEM,
        calendar_id=calendar.pk,
        name=calendar.name,
        name_zh="",
        content=actions.resolved(time_zone="UTC", hours=hours),
        expected=version.number,
    )


def dues() -> list[datetime]:
    return list(Clock.objects.order_by("subject_id").values_list("due_at", flat=True))


def test_only_open_clocks_move_and_history_is_kept(memory: Memory) -> None:
    calendar = CalendarFactory()
    PolicyFactory(subject_kind="thing", calendar=calendar, targets={"resolution": 600})
    Recompute.objects.update(state="done", finished_at=START)
    start(4)
    actions.meet(actor=SYSTEM, subject_kind="thing", subject_id=4, metric="resolution", at=START + timedelta(hours=1))
    change_hours(calendar, dict(ALWAYS))
    assert run_pending(batch=2) == 3
    assert dues() == [START + timedelta(hours=10)] * 3 + [START + timedelta(days=1, hours=2)]
    assert run_pending() == 0


def test_a_worker_that_stops_between_batches_is_followed_by_another(memory: Memory) -> None:
    calendar = CalendarFactory()
    PolicyFactory(subject_kind="thing", calendar=calendar, targets={"resolution": 600})
    Recompute.objects.update(state="done", finished_at=START)
    start(5)
    before = dues()
    change_hours(calendar, dict(ALWAYS))
    assert run_pending(budget_seconds=0.0) == 0
    assert _step(2) == 2
    job = Recompute.objects.get(state="pending")
    assert (job.cursor, job.visited, job.moved) == (2, 2, 2)
    assert [a == b for a, b in zip(dues(), before, strict=True)] == [False, False, True, True, True]
    assert run_pending(batch=2) == 3
    job.refresh_from_db()
    assert (job.state, job.visited, job.moved) == ("done", 5, 5)
    assert dues() == [START + timedelta(hours=10)] * 5
    assert ClockEvent.objects.filter(kind="recomputed").count() == 5


def test_busy_subjects_are_done_at_the_end(memory: Memory) -> None:
    calendar = CalendarFactory()
    PolicyFactory(subject_kind="thing", calendar=calendar, targets={"resolution": 600})
    Recompute.objects.update(state="done", finished_at=START)
    start(5)
    change_hours(calendar, dict(ALWAYS))
    memory.busy = {1, 4}
    assert run_pending(batch=2) == 3
    job = Recompute.objects.get(state="pending")
    assert job.skipped == [1, 4]
    memory.busy = set()
    assert run_pending(batch=2) == 2
    assert dues() == [START + timedelta(hours=10)] * 5
    assert not Recompute.objects.filter(state="pending").exists()


def test_the_preview_says_what_then_happens(memory: Memory) -> None:
    calendar = CalendarFactory()
    PolicyFactory(subject_kind="thing", calendar=calendar, targets={"resolution": 600})
    start(3)
    longer = actions.resolved(time_zone="UTC", hours=ALWAYS).business_calendar()
    book = with_calendar(queries.rulebook("thing"), calendar.pk, longer)
    early = preview("thing", book, calendar_id=calendar.pk, now=START + timedelta(hours=9))
    late = preview("thing", book, calendar_id=calendar.pk, now=START + timedelta(hours=11))
    assert (early.looked_at, early.moved, early.breach, early.exact) == (3, 3, 0, True)
    assert (late.moved, late.breach) == (3, 3)
    assert preview("thing", book, limit=2).exact is False
    assert preview("thing", book, calendar_id=0).looked_at == 0
    assert ClockEvent.objects.filter(kind="recomputed").count() == 0


def test_two_who_change_one_thing(memory: Memory) -> None:
    calendar = CalendarFactory(name="Office")
    policy = PolicyFactory(subject_kind="thing", name="Slow", calendar=calendar)
    change_hours(calendar, dict(ALWAYS))
    with pytest.raises(OutdatedError):
        actions.change_calendar(
            actor=SYSTEM, calendar_id=calendar.pk, name="Office", name_zh="", expected=1,
            content=actions.resolved(time_zone="UTC", hours=OFFICE),
        )  # fmt: skip
    with pytest.raises(OutdatedError):
        actions.change_policy(
            actor=SYSTEM, policy_id=policy.pk, name="Slow", name_zh="", position=1, expected=7,
            content=policy_of(match={}, targets={"resolution": 5}, calendar=calendar),
        )  # fmt: skip


def test_saving_what_is_there_makes_no_version_and_no_work(memory: Memory) -> None:
    policy = PolicyFactory(subject_kind="thing", name="Slow")
    Recompute.objects.update(state="done", finished_at=START)
    stored = policy_content(newest_policy_version(policy.pk))
    actions.change_policy(
        actor=SYSTEM, policy_id=policy.pk, name="Renamed", name_zh="慢", content=stored, position=1, expected=1
    )
    calendar = Calendar.objects.get()
    said = content_of(newest_version(calendar.pk))
    actions.change_calendar(
        actor=SYSTEM, calendar_id=calendar.pk, name=calendar.name, name_zh="", content=said, expected=1
    )
    assert (PolicyVersion.objects.count(), CalendarVersion.objects.count()) == (1, 1)
    assert not Recompute.objects.filter(state="pending").exists()
    assert Policy.objects.get().name == "Renamed"


def test_new_days_of_a_country_make_a_new_version(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = CalendarFactory(country="CN")
    assert actions.refresh_calendars() == 0

    def announced(country: str, region: str, years: Iterable[int]) -> CountryDays:
        days = country_days(country, region, years)
        return CountryDays({**days.holidays, "2027-01-02": ("New Year", "元旦")}, days.workdays)

    monkeypatch.setattr("sla.actions.calendars.country_days", announced)
    assert actions.refresh_calendars() == 1
    assert newest_version(calendar.pk).holidays["2027-01-02"] == ["New Year", "元旦"]
