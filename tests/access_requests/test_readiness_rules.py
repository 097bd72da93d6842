"""Ready, on course, at risk, too late: by hand-made clocks, without a database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from access_requests.rules import ready_by
from access_requests.rules.readiness import Course, Days, Entry, Outlook, first_shift, judge, mark_of, outlook
from sla.business_time import BusinessCalendar

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR = BusinessCalendar("Asia/Shanghai", WEEK)
DAYS = Days(CALENDAR)
# Thursday, ten in the morning; the first shift is on Monday at nine, all should be there when Friday closes.
NOW = datetime(2026, 11, 19, 10, tzinfo=ZONE)
SHIFT = datetime(2026, 11, 23, 9, tzinfo=ZONE)
READY_BY = datetime(2026, 11, 20, 18, tzinfo=ZONE)


def entry(state: str = "", lead: int = 480, **more: object) -> Entry:
    return Entry(1, 1, lead, item_id=5 if state else None, state=state, since=NOW - timedelta(hours=1), **more)  # type: ignore[arg-type]


def course(one: Entry, shift: datetime = SHIFT, now: datetime = NOW) -> Course | None:
    found = judge(one, now=now, first_shift_at=shift, ready_by=READY_BY, days=DAYS)
    return found.course if found else None


def seen(*entries: Entry, shift: datetime = SHIFT, now: datetime = NOW) -> Outlook:
    return outlook(entries, now=now, first_shift_at=shift, ready_by=READY_BY, days=DAYS)


def test_proven_is_done_and_claimed_is_still_to_be_confirmed() -> None:
    assert (mark_of(entry(proven=True)), course(entry(proven=True))) == ("done", None)
    claimed = entry("claimed_done", claimed=True)
    assert (mark_of(claimed), course(claimed)) == ("confirm", Course.ON_COURSE)
    # What a grant says counts without an item, too.
    assert mark_of(entry(claimed=True)) == "confirm"


@pytest.mark.parametrize(
    ("state", "lead", "wanted"),
    [
        ("sent", 480, Course.ON_COURSE),
        ("sent", 30, Course.AT_RISK),  # asked an hour ago, half an hour is usual
        ("approved", 480, Course.ON_COURSE),
        ("queued", 960, Course.ON_COURSE),  # Friday, eight business hours less an hour before closing
        ("approved", 1080, Course.MISS),
        ("awaiting_approval", 480, Course.ON_COURSE),
        ("awaiting_approval", 600, Course.AT_RISK),  # would fit if it were approved at once
        ("awaiting_approval", 1080, Course.MISS),
        ("", 480, Course.ON_COURSE),
        ("", 600, Course.AT_RISK),
        ("failed_retryable", 30, Course.AT_RISK),
        ("failed_final", 30, Course.AT_RISK),
        ("failed_final", 1080, Course.MISS),
        ("blocked_sod", 30, Course.AT_RISK),
    ],
)
def test_where_an_item_is_heading(state: str, lead: int, wanted: Course) -> None:
    assert course(entry(state, lead)) is wanted


def test_an_item_that_is_due_earlier_is_at_risk_earlier() -> None:
    assert course(entry("approved", 480, due_at=READY_BY)) is Course.ON_COURSE
    assert course(entry("approved", 480, due_at=NOW + timedelta(hours=2))) is Course.AT_RISK


def test_after_the_first_shift_has_begun_everything_that_is_missing_is_missed() -> None:
    assert course(entry("sent"), shift=NOW - timedelta(hours=1)) is Course.MISS
    assert course(entry("claimed_done", claimed=True), shift=NOW) is Course.MISS
    assert seen(entry(proven=True), shift=NOW).course is Course.READY


def test_a_person_is_as_ready_as_the_worst_item_and_the_worst_blocks() -> None:
    found = seen(
        Entry(1, 1, 30, proven=True),
        Entry(2, 1, 30, item_id=2, state="sent", since=NOW),
        Entry(3, 2, 30, item_id=3, state="failed_final", since=NOW),
        Entry(4, 3, 30),
    )
    assert (found.course, found.percent) == (Course.AT_RISK, 25)
    assert found.marks == {1: "it", 2: "block", 3: "none"}
    assert [(one.entry.entitlement_id, one.code) for one in found.missing] == [
        (3, "failed"), (4, "not_requested"), (2, "with_it"),
    ]  # fmt: skip
    assert found.blocker == found.missing[0]


def test_of_two_equal_blockers_the_one_that_waits_longer_comes_first() -> None:
    early, late = (
        Entry(pk, pk, 30, item_id=pk, state="sent", since=NOW - timedelta(minutes=age)) for pk, age in ((1, 20), (2, 5))
    )
    assert [one.entry for one in seen(late, early).missing] == [early, late]


def test_who_needs_nothing_is_ready() -> None:
    assert (seen().course, seen().percent, seen().blocker) == (Course.READY, 100, None)


def test_the_first_shift_begins_when_the_site_opens() -> None:
    assert first_shift(date(2026, 11, 23), ZONE, CALENDAR) == SHIFT
    # A Sunday, and a site without a calendar: at nine.
    assert first_shift(date(2026, 11, 22), ZONE, CALENDAR) == datetime(2026, 11, 22, 9, tzinfo=ZONE)
    assert first_shift(date(2026, 11, 23), ZONE) == SHIFT


def test_waiting_costs_the_hours_that_the_site_is_open() -> None:
    thursday, monday = datetime(2026, 11, 19, 9, tzinfo=ZONE), datetime(2026, 11, 23, 11, 30, tzinfo=ZONE)
    assert DAYS.idle_hours(thursday, monday) == 9 + 9 + 2.5
    assert DAYS.idle_hours(monday, thursday) == 0
    assert Days(None).idle_hours(thursday, monday) is None


def test_without_a_calendar_every_hour_counts_and_one_that_never_opens_is_missed() -> None:
    days = Days(None)
    assert days.after(NOW, 90) == NOW + timedelta(minutes=90)
    closed = Days(BusinessCalendar("UTC", {}))
    found = judge(
        entry("approved"), now=datetime(2026, 1, 1, tzinfo=UTC), first_shift_at=SHIFT, ready_by=READY_BY, days=closed
    )
    assert found is not None
    assert found.course is Course.MISS


def test_everything_must_be_there_at_the_last_closing_however_long_the_holiday_was() -> None:
    holiday = [date(2026, 11, 10) + timedelta(days=n) for n in range(13)]
    closed = BusinessCalendar("Asia/Shanghai", WEEK, holidays=holiday)
    assert ready_by(SHIFT, ZONE, CALENDAR) == READY_BY
    assert ready_by(SHIFT, ZONE, closed) == datetime(2026, 11, 9, 18, tzinfo=ZONE)
    assert ready_by(SHIFT, ZONE, BusinessCalendar("Asia/Shanghai", {})) == SHIFT - timedelta(days=1)
