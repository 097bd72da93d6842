"""Series make their meetings eight weeks ahead, at the same hour of the site's clock, once."""

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from portal.accounts.models import Membership
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
from portal.refusals import RefusedError
from reviews.actions import meetings, series
from reviews.models import Attendee, Engagement, Series
from reviews.rules.recurrence import rule_of
from tests.reviews.meeting_world import MeetingWorld, a_series, at, meeting_world

pytestmark = pytest.mark.django_db
PRAGUE = ZoneInfo("Europe/Prague")


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


def terms(row: Series, **more: Any) -> series.Terms:
    """The series' own, with changes."""
    values: dict[str, Any] = {
        "title": row.title,
        "last_day": row.last_day,
        "at": row.at,
        "minutes": row.minutes,
        "place": row.place,
    }
    values["user_ids"] = list(row.members.values_list("user_id", flat=True))
    return series.Terms(**{**values, **more})


def test_eight_weeks_through_the_change_of_clocks(world: MeetingWorld) -> None:
    with time_machine.travel(at(2026, 10, 1, 8), tick=False):
        made = a_series(world, date(2026, 10, 6))
        starts = [one.starts_at for one in made.engagements.order_by("starts_at")]
    assert [one.astimezone(PRAGUE).time() for one in starts] == [time(10)] * len(starts)
    assert {one.hour for one in starts} == {8, 9}, "an hour later in UTC once summer time is over"
    assert (starts[0].date(), starts[-1].date()) == (date(2026, 10, 6), date(2026, 11, 24))
    assert Attendee.objects.filter(engagement__series=made).count() == 2 * len(starts)


def test_the_worker_makes_what_comes_into_sight_and_nothing_twice(world: MeetingWorld) -> None:
    with time_machine.travel(at(2026, 10, 1, 8), tick=False):
        made = a_series(world, date(2026, 10, 6))
        before = made.engagements.count()
        assert series.make_meetings() == 0
    assert series.make_meetings(at(2026, 10, 8, 8)) == 1
    assert series.make_meetings(at(2026, 10, 8, 8)) == 0
    # Nobody worked for half a year: all that was missed, in order, and what is ahead.
    series.make_meetings(at(2027, 2, 20, 8))
    days = list(made.engagements.order_by("occurrence").values_list("occurrence", flat=True))
    assert days == [date(2026, 10, 6) + timedelta(weeks=week) for week in range(21)], (
        "up to its last day and no further"
    )
    assert before == 8


def test_a_meeting_of_a_day_that_is_there_already_is_not_made_again(world: MeetingWorld) -> None:
    made = a_series(world)
    Series.objects.filter(pk=made.pk).update(made_until=None)
    assert series.make_meetings() == 0
    Series.objects.filter(pk=made.pk).update(ended_at=timezone.now(), made_until=None)
    made.engagements.all()
    assert series.make_meetings() == 0


def test_a_change_reaches_meetings_to_come_but_not_the_one_that_was_moved(
    world: MeetingWorld, mailoutbox: list[Any]
) -> None:
    made = a_series(world)
    first, second = made.engagements.order_by("starts_at")[:2]
    moved_to = second.starts_at + timedelta(hours=3)
    plan = meetings.Plan(second.kind, second.title, moved_to, moved_to + timedelta(minutes=45), second.time_zone,
                         user_ids=[world.coordinator.pk, world.lead.pk])  # fmt: skip
    meetings.change_engagement(actor=world.actor(), pk=second.pk, seen=1, plan=plan)
    while dispatch_batch():
        pass
    mailoutbox.clear()
    series.change_series(
        actor=world.actor(), pk=made.pk, seen=1, terms=terms(made, at=time(11), user_ids=[world.lead.pk])
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.starts_at.astimezone(PRAGUE).time() == time(11)
    assert second.starts_at == moved_to
    assert set(Attendee.objects.filter(engagement__series=made).values_list("user", flat=True)) == {world.lead.pk}


def test_an_earlier_end_calls_off_what_lies_behind_it(world: MeetingWorld) -> None:
    made = a_series(world)
    days = list(made.engagements.order_by("occurrence").values_list("occurrence", flat=True))
    series.change_series(actor=world.actor(), pk=made.pk, seen=1, terms=terms(made, last_day=days[2]))
    states = list(made.engagements.order_by("occurrence").values_list("state", flat=True))
    assert states == ["planned"] * 3 + ["cancelled"] * (len(days) - 3)
    series.end_series(actor=world.actor(), pk=made.pk)
    assert set(made.engagements.values_list("state", flat=True)) == {"cancelled"}
    with pytest.raises(RefusedError, match="series_is_over"):
        series.end_series(actor=world.actor(), pk=made.pk)


def test_an_ended_series_made_longer_has_no_meetings_in_between(world: MeetingWorld) -> None:
    with time_machine.travel(at(2026, 10, 1, 8), tick=False):
        made = a_series(world, date(2026, 10, 6), weeks=2)
    with time_machine.travel(at(2026, 12, 1, 12), tick=False):
        longer = terms(made, last_day=date(2026, 12, 20))
        series.change_series(actor=world.actor(), pk=made.pk, seen=1, terms=longer)
        assert series.make_meetings() == 0
    days = list(made.engagements.order_by("occurrence").values_list("occurrence", flat=True))
    assert days[3:] == [date(2026, 12, 8), date(2026, 12, 15)], "that of this morning is over, too"


def test_letters_about_a_series_come_two_weeks_before_each_meeting(world: MeetingWorld, mailoutbox: list[Any]) -> None:
    a_series(world, user_ids=[world.lead.pk])
    while dispatch_batch():
        pass
    assert len(mailoutbox) == 2


def test_who_stays_is_still_invited_when_somebody_is_taken_off(world: MeetingWorld, mailoutbox: list[Any]) -> None:
    made = a_series(world)
    last = made.engagements.order_by("-starts_at")[0]
    same = meetings.Plan(last.kind, last.title, last.starts_at, last.ends_at, last.time_zone, user_ids=[world.lead.pk])
    meetings.change_engagement(actor=world.actor(), pk=last.pk, seen=1, plan=same)
    series.change_series(actor=world.actor(), pk=made.pk, seen=1, terms=terms(made, user_ids=[world.lead.pk]))
    while dispatch_batch():
        pass
    told = [(mail.to[0], mail.subject) for mail in mailoutbox if mail.to == [world.lead.email]]
    assert len(told) == 2, "those of the next two weeks"
    assert {subject for _to, subject in told} == {"Invitation: Weekly ops call"}
    OutboxRow.objects.filter(state="pending").update(not_before=timezone.now(), next_attempt_at=timezone.now())
    while dispatch_batch():
        pass
    assert sum(mail.to == [world.lead.email] for mail in mailoutbox) == made.engagements.count(), "each once"
    assert {mail.subject for mail in mailoutbox if mail.to == [world.lead.email]} == {"Invitation: Weekly ops call"}


def test_members_who_may_not_see_it_any_more_are_not_asked(world: MeetingWorld) -> None:
    with time_machine.travel(at(2026, 10, 1, 8), tick=False):
        made = a_series(world, date(2026, 10, 6))
    Membership.objects.filter(user=world.lead).delete()
    assert series.make_meetings(at(2026, 10, 8, 8)) == 1
    newest = made.engagements.order_by("-starts_at")[0]
    assert list(newest.attendees.values_list("user", flat=True)) == [world.coordinator.pk]


def test_only_who_runs_reviews_there_sets_one_up(world: MeetingWorld) -> None:
    with pytest.raises(PermissionDenied):
        series.add_series(
            actor=world.actor("lead"), about=world.place, kind="ops_call", first_day=timezone.localdate(), rhythm="week",
            time_zone="UTC", terms=series.Terms("x", timezone.localdate(), time(1), 30),
        )  # fmt: skip
    assert not Engagement.objects.exists()


@pytest.mark.parametrize(
    ("last", "message"),
    [
        ("", "A series needs an end"),
        ("2029-11-24", "ends at most two years after its first day"),
        ("9999-12-31", "ends at most two years after its first day"),
        ("2026-11-01", "The last day is before the first"),
        ("yesterday", "Enter a valid date"),
    ],
)
def test_a_recurrence_without_end_is_told_at_the_field(world: MeetingWorld, last: str, message: str) -> None:
    sent = {"kind": "ops_call", "about": "site-CEB", "title": "Ops", "rhythm": "week", "first_day": "2026-11-23", "last_day": last,
            "at": "10:00", "minutes": "45", "time_zone": ""}  # fmt: skip
    with time_machine.travel(at(2026, 11, 22, 8), tick=False):
        page = world.client().post("/reviews/series/new/", sent)
    assert page.status_code == 422
    assert message in page.content.decode()
    assert 'id="id_last_day_error"' in page.content.decode() or "last_day" in page.content.decode()
    assert not Series.objects.exists()


def test_a_series_from_the_form(world: MeetingWorld) -> None:
    sent = {"kind": "ops_call", "about": "site-CEB", "title": "Ops", "rhythm": "two_weeks", "first_day": "2026-11-23",
            "last_day": "2027-03-31", "at": "10:00", "minutes": "45", "time_zone": ""}  # fmt: skip
    with time_machine.travel(at(2026, 11, 22, 8), tick=False):
        client = world.client()
        page = client.post("/reviews/series/new/", sent, follow=True)
        made = Series.objects.get()
        assert "Choose who comes" in page.content.decode()
        assert made.rule == rule_of("two_weeks", date(2026, 11, 23))
        shown = client.get(f"/reviews/series/{made.pk}/").content.decode()
    assert "Every two weeks, 10:00 Europe/Prague" in shown, "the zone of the site"
    assert made.engagements.count() == 4
