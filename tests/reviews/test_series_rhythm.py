"""A series gets another weekday or rhythm: meetings to come move, past ones stay, people are told, nothing is doubled."""

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from portal.notifications.delivery.dispatch import dispatch_batch
from portal.refusals import RefusedError
from reviews.actions import agenda, meetings, running, series
from reviews.models import Series
from reviews.queries.meetings import next_day
from reviews.rules.recurrence import LONGEST, paired
from tests.reviews.meeting_world import MeetingWorld, a_series, at, meeting_world

PRAGUE = ZoneInfo("Europe/Prague")
#: A Thursday; the series is on Tuesdays from 6 October on, so three were and seven are to come.
NOW = at(2026, 10, 22, 8)
TUESDAYS = [date(2026, 10, 27) + timedelta(weeks=week) for week in range(8)]

DAYS = st.sets(st.integers(0, 60), max_size=12).map(
    lambda days: [date(2026, 11, 1) + timedelta(days=day) for day in sorted(days)]
)


@given(DAYS, DAYS)
def test_days_are_paired_in_order_and_each_once(before: list[date], after: list[date]) -> None:
    found = paired(before, after)
    assert set(found) <= set(before)
    assert set(found.values()) <= set(after)
    assert list(dict(sorted(found.items())).values()) == sorted(set(found.values()))
    assert all(found.get(day) == day for day in set(before) & set(after))


@given(DAYS)
def test_the_same_days_stay(days: list[date]) -> None:
    assert paired(days, days) == {day: day for day in days}


def test_every_second_week_keeps_the_weeks_that_it_has() -> None:
    assert paired(TUESDAYS, TUESDAYS[::2]) == {day: day for day in TUESDAYS[::2]}
    assert paired(TUESDAYS[:2], [date(2026, 11, 12)]) == {TUESDAYS[1]: date(2026, 11, 12)}


@pytest.fixture
def world(db: None) -> MeetingWorld:
    return meeting_world()


@pytest.fixture
def weekly(world: MeetingWorld) -> Series:
    """Every Tuesday at ten in Prague, through the change of clocks of 25 October; meetings of the first three weeks were held."""
    with time_machine.travel(at(2026, 10, 5, 8), tick=False):
        made = a_series(world, date(2026, 10, 6))
    with time_machine.travel(NOW, tick=False):
        series.make_meetings()
        for one in made.engagements.filter(starts_at__lt=NOW):
            running.hold(actor=world.actor(), pk=one.pk, came=[])
    while dispatch_batch():
        pass
    made.refresh_from_db()
    return made


def change(world: MeetingWorld, row: Series, **more: Any) -> None:
    """The series' own terms, with changes, on that Thursday."""
    row.refresh_from_db()
    values = {name: getattr(row, name) for name in ("title", "last_day", "at", "minutes", "place")}
    values["user_ids"] = list(row.members.values_list("user_id", flat=True))
    with time_machine.travel(NOW, tick=False):
        series.change_series(actor=world.actor(), pk=row.pk, seen=row.version, terms=series.Terms(**{**values, **more}))


def days_of(row: Series, *states: str) -> list[date]:
    """On which days of the site's calendar its meetings are."""
    rows = row.engagements.filter(state__in=states or ("planned",)).order_by("starts_at")
    return [one.starts_at.astimezone(PRAGUE).date() for one in rows]


def test_another_weekday_moves_what_is_to_come(world: MeetingWorld, weekly: Series, mailoutbox: list[Any]) -> None:
    first = weekly.engagements.get(occurrence=TUESDAYS[0])
    with time_machine.travel(NOW, tick=False):
        agenda.add_topic(actor=world.actor(), pk=first.pk, title="Holidays")
    mailoutbox.clear()
    before = weekly.engagements.count()
    change(world, weekly, rhythm="week", next_day=date(2026, 10, 29))
    assert days_of(weekly) == [day + timedelta(days=2) for day in TUESDAYS[: len(days_of(weekly))]]
    assert days_of(weekly, "held") == [date(2026, 10, 6), date(2026, 10, 13), date(2026, 10, 20)]
    assert weekly.engagements.count() == before, "none is called off, none is made anew"
    assert {one.starts_at.astimezone(PRAGUE).time() for one in weekly.engagements.all()} == {time(10)}
    moved = weekly.engagements.get(pk=first.pk)
    assert (moved.sequence, moved.occurrence) == (1, date(2026, 10, 29))
    assert [one.title for one in moved.agenda.all()] == ["Holidays"]
    while dispatch_batch():
        pass
    sent = [calendar_of(mail) for mail in mailoutbox if mail.to == [world.lead.email]]
    about = [event for event in sent if event["UID"].startswith(str(first.uid))]
    assert [(int(one["SEQUENCE"]), one.decoded("DTSTART").date()) for one in about] == [(1, date(2026, 10, 29))]


def calendar_of(mail: Any) -> Any:
    """The event of the calendar that a letter brings."""
    text = next(part.get_content() for part in mail.message().walk() if part.get_content_type() == "text/calendar")
    return Calendar.from_ical(text).walk("VEVENT")[0]


def test_every_second_week_and_back(world: MeetingWorld, weekly: Series) -> None:
    there = days_of(weekly)
    change(world, weekly, rhythm="two_weeks", next_day=TUESDAYS[0])
    assert days_of(weekly) == there[::2]
    assert set(weekly.engagements.filter(occurrence__in=there[::2]).values_list("sequence", flat=True)) == {0}
    assert days_of(weekly, "cancelled") == there[1::2]
    change(world, weekly, rhythm="week", next_day=TUESDAYS[0])
    assert days_of(weekly) == there
    change(world, weekly, rhythm="week", next_day=TUESDAYS[3])
    assert days_of(weekly) == there, "the same rhythm from another of its days changes nothing"


def test_a_month_rhythm_and_what_the_worker_makes_of_it(world: MeetingWorld, weekly: Series) -> None:
    change(world, weekly, rhythm="month", next_day=date(2026, 11, 11))
    # October's last Tuesday lies before the month in which the new rhythm begins.
    assert days_of(weekly) == [date(2026, 10, 27), date(2026, 11, 11), date(2026, 12, 9)]
    series.make_meetings(at(2027, 1, 5, 8))
    assert days_of(weekly) == [date(2026, 10, 27), date(2026, 11, 11), date(2026, 12, 9), date(2027, 1, 13), date(2027, 2, 10)]  # fmt: skip
    assert series.make_meetings(at(2027, 1, 5, 8)) == 0


def test_another_title_later_leaves_the_new_rhythm(world: MeetingWorld, weekly: Series) -> None:
    change(world, weekly, rhythm="month", next_day=date(2026, 11, 11))
    there = days_of(weekly)
    weekly.refresh_from_db()
    with time_machine.travel(NOW, tick=False):
        proposed = next_day(weekly)
    change(world, weekly, title="Monthly ops call", rhythm="month", next_day=proposed)
    assert days_of(weekly) == there
    assert proposed == date(2026, 11, 11), "October's last Tuesday was left by the rule before"


def test_what_was_moved_or_called_off_by_hand_keeps_its_place(world: MeetingWorld, weekly: Series) -> None:
    second, third = (weekly.engagements.get(occurrence=day) for day in TUESDAYS[1:3])
    own = at(2026, 11, 6, 13)
    with time_machine.travel(NOW, tick=False):
        plan = meetings.Plan(second.kind, second.title, own, own + timedelta(minutes=45), second.time_zone,
                             user_ids=[world.coordinator.pk, world.lead.pk])  # fmt: skip
        meetings.change_engagement(actor=world.actor(), pk=second.pk, seen=1, plan=plan)
        meetings.cancel_engagement(actor=world.actor(), pk=third.pk, reason="A holiday")
    change(world, weekly, rhythm="week", next_day=date(2026, 10, 28))
    assert days_of(weekly)[:3] == [date(2026, 10, 28), date(2026, 11, 6), date(2026, 11, 18)]
    second.refresh_from_db()
    assert (second.starts_at, second.occurrence) == (own, date(2026, 11, 4))
    assert days_of(weekly, "cancelled") == [TUESDAYS[2]]


def test_a_series_made_longer_again_has_its_meetings_again(world: MeetingWorld, weekly: Series) -> None:
    there, last = days_of(weekly), weekly.last_day
    change(world, weekly, last_day=TUESDAYS[1])
    assert days_of(weekly) == there[:2]
    change(world, weekly, last_day=last)
    assert days_of(weekly) == there


@pytest.mark.parametrize("day", [date(2026, 10, 21), date(2026, 12, 18), date(9999, 12, 31)])
def test_a_day_out_of_reach_is_refused(world: MeetingWorld, weekly: Series, day: date) -> None:
    there = days_of(weekly)
    with pytest.raises(RefusedError, match="next_day_out_of_reach"):
        change(world, weekly, rhythm="two_weeks", next_day=day)
    assert days_of(weekly) == there


def test_the_form_says_what_is_wrong_at_the_day_and_keeps_the_bound(world: MeetingWorld, weekly: Series) -> None:
    sent = {"version": weekly.version, "title": "Ops", "rhythm": "month", "next_day": "", "last_day": "2027-02-23", "at": "10:00", "minutes": "45"}  # fmt: skip
    url = f"/reviews/series/{weekly.pk}/change/"
    with time_machine.travel(NOW, tick=False):
        client = world.client()
        shown = client.get(url).content.decode()
        nothing = client.post(url, {**sent, "next_day": ""})
        past = client.post(url, {**sent, "next_day": "2026-10-01"})
        endless = client.post(url, {**sent, "next_day": "2026-11-04", "last_day": str(weekly.first_day + timedelta(days=LONGEST + 1))})  # fmt: skip
        good = client.post(url, {**sent, "next_day": "2026-11-04"}, follow=True)
    assert 'name="next_day" value="2026-10-27"' in shown
    assert "Say on which day the new rhythm begins." in nothing.content.decode()
    assert "Choose a day that is still to come" in past.content.decode()
    assert (nothing.status_code, past.status_code, endless.status_code) == (422, 422, 422)
    assert "ends at most two years after its first day" in endless.content.decode()
    assert "Every month, on the same weekday" in good.content.decode()
