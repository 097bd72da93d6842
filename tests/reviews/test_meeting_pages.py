"""Lists, filters, the calendar feed, the panel of My day; bad input; how many queries a list takes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from portal.accounts.models import Membership
from reviews.actions import meetings
from reviews.actions.calendar_feed import make_feed, revoke_feed
from reviews.models import CalendarFeed, Engagement
from reviews.panels.meetings import todays_meetings
from tests.my_day import my_day
from tests.reviews.meeting_world import MeetingWorld, a_meeting, a_series, meeting_world

pytestmark = pytest.mark.django_db
NEW = {"kind": "round_table", "about": "site-CEB", "title": "Round table", "day": "2026-12-01", "at": "10:00", "minutes": "90",
       "time_zone": "", "place": "", "guests": "Dr Lim\n\n Ms Cruz "}  # fmt: skip


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


def page(world: MeetingWorld, url: str, who: str = "coordinator") -> str:
    """What somebody reads there."""
    return world.client(who).get(url).content.decode()


@pytest.mark.parametrize(
    "kind", ["ops_call", "lead_meeting", "calibration", "round_table", "site_visit", "shadowing", "business_review"]
)
def test_every_kind_is_arranged_by_the_form(world: MeetingWorld, kind: str) -> None:
    answer = world.client().post("/reviews/meetings/new/", NEW | {"kind": kind})
    made = Engagement.objects.get()
    assert answer.url == f"/reviews/meetings/{made.pk}/change/"  # type: ignore[attr-defined]
    assert (made.kind, made.time_zone, made.starts_at.hour) == (kind, "Europe/Prague", 9)
    assert list(made.attendees.values_list("guest", flat=True)) == ["Dr Lim", "Ms Cruz"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", "9999-12-31"), ("day", "0001-01-01"), ("at", "25:00"), ("minutes", "0"), ("minutes", "99999999999"), ("kind", "party"),
        ("about", "site-DVO"), ("about", "network"), ("title", "x" * 121), ("title", "a\0b"), ("guests", "x" * 121), ("time_zone", "Mars/Base"),
    ],
)  # fmt: skip
def test_what_is_no_meeting(world: MeetingWorld, field: str, value: str) -> None:
    answer = world.client().post("/reviews/meetings/new/", NEW | {field: value})
    assert answer.status_code == 422
    assert f'id="id_{field}' in answer.content.decode()
    assert not Engagement.objects.exists()


def test_lists_are_narrowed_and_what_is_no_choice_is_passed_over(world: MeetingWorld) -> None:
    a_meeting(world, title="Call about queues")
    a_meeting(world, title="Table in the canteen", kind="round_table")
    gone = a_meeting(world, title="Long over", starts_at=timezone.now() - timedelta(days=9))
    Engagement.objects.filter(pk=gone.pk).update(ends_at=timezone.now() - timedelta(days=8))
    listed = page(world, "/reviews/meetings/")
    assert "Call about queues" in listed
    assert "Table in the canteen" in listed
    assert "Long over" not in listed
    assert "Long over" in page(world, "/reviews/meetings/?when=past")
    assert "Call about queues" not in page(world, "/reviews/meetings/?kind=round_table")
    assert "Call about queues" in page(world, "/reviews/meetings/?kind=party&site=%00&when=9")
    assert "Call about queues" not in page(world, "/reviews/meetings/?kind=shadowing&site=CEB")


def test_strangers_see_nothing_of_it(world: MeetingWorld) -> None:
    meeting = a_meeting(world, title="Call about queues")
    series = a_series(world, title="Secret series")
    for who in ("other_lead", "other_coordinator"):
        for text in (
            page(world, "/reviews/meetings/", who),
            page(world, "/reviews/series/", who),
            my_day(world.client(who)),
        ):
            assert "Call about queues" not in text
            assert "Secret series" not in text
        for url in (
            f"meetings/{meeting.pk}/",
            f"meetings/{meeting.pk}/notes/",
            f"meetings/{meeting.pk}/calendar/",
            f"series/{series.pk}/",
        ):
            assert world.client(who).get(f"/reviews/{url}").status_code == 404


def test_a_list_takes_as_many_queries_for_many_as_for_few(world: MeetingWorld) -> None:
    client = world.client()
    a_meeting(world)
    client.get("/reviews/meetings/")
    with CaptureQueriesContext(connection) as few:
        client.get("/reviews/meetings/")
    for _at in range(10):
        a_meeting(world)
    with CaptureQueriesContext(connection) as many:
        client.get("/reviews/meetings/")
    assert len(many) == len(few)


def test_the_feed_shows_own_meetings_until_it_is_taken_back(world: MeetingWorld) -> None:
    mine, called_off = a_meeting(world), a_meeting(world, title="Not held")
    meetings.cancel_engagement(actor=world.actor(), pk=called_off.pk, reason="x")
    a_meeting(world, title="Without me", user_ids=[world.coordinator.pk])
    token = make_feed(actor=world.actor("lead"))
    assert token not in str(CalendarFeed.objects.values().get())
    read = Client().get(f"/reviews/calendar/{token}.ics")
    events = {str(one["SUMMARY"]): one for one in Calendar.from_ical(read.content).events}
    assert set(events) == {"Ops call", "Not held"}
    assert str(events["Not held"]["STATUS"]) == "CANCELLED"
    assert events["Ops call"].decoded("DTSTART") == mine.starts_at
    newer = make_feed(actor=world.actor("lead"))
    assert Client().get(f"/reviews/calendar/{token}.ics").status_code == 404, "a new address replaces the old one"
    Membership.objects.filter(user=world.lead).delete()
    assert "SUMMARY" not in Client().get(f"/reviews/calendar/{newer}.ics").content.decode()
    revoke_feed(actor=world.actor("lead"))
    assert Client().get(f"/reviews/calendar/{newer}.ics").status_code == 404


def test_my_day_shows_todays_meetings_of_the_reader(world: MeetingWorld) -> None:
    now = timezone.now()
    a_meeting(world, title="Today", starts_at=now, ends_at=now + timedelta(minutes=1))
    a_meeting(world, title="In three days")
    text = my_day(world.client())
    assert "Today’s meetings" in text
    assert "In three days" not in text
    assert "Today’s meetings" not in my_day(world.client("manager"))


@pytest.mark.parametrize(
    ("hour", "shown"), [(9, ["18:00"]), (15, ["18:00"]), (17, ["18:00", "00:30 tomorrow"]), (23, ["18:00", "00:30 tomorrow"])]
)  # fmt: skip
def test_my_day_looks_past_midnight_late_in_the_day(
    world: MeetingWorld, monkeypatch: pytest.MonkeyPatch, hour: int, shown: list[str]
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    for begins in (datetime(2026, 3, 4, 18, tzinfo=zone), datetime(2026, 3, 5, 0, 30, tzinfo=zone)):
        a_meeting(world, title=f"At {begins:%H:%M}", starts_at=begins, ends_at=begins + timedelta(minutes=5))
    a_meeting(
        world,
        title="Next day",
        starts_at=datetime(2026, 3, 5, 9, tzinfo=zone),
        ends_at=datetime(2026, 3, 5, 10, tzinfo=zone),
    )
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 3, 4, hour, 10, tzinfo=zone))
    with timezone.override(zone):
        found = todays_meetings(world.actor("coordinator"), None) or {}
    lines = cast("list[Mapping[str, Any]]", found["lines"])
    assert [
        f"{timezone.localtime(one['meeting'].starts_at, zone):%H:%M}{' tomorrow' if one['tomorrow'] else ''}" for one in lines
    ] == shown  # fmt: skip


def test_called_off_with_a_reason(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    client = world.client()
    assert client.post(f"/reviews/meetings/{meeting.pk}/call-off/", {"reason": ""}).status_code == 422
    shown = client.post(
        f"/reviews/meetings/{meeting.pk}/call-off/", {"reason": "Typhoon"}, follow=True
    ).content.decode()
    assert "This meeting was called off." in shown
    assert "Typhoon" in shown
    assert (
        "The meeting was called off."
        in client.get(f"/reviews/meetings/{meeting.pk}/change/", follow=True).content.decode()
    )


def test_the_hour_that_a_clock_leaves_out(world: MeetingWorld) -> None:
    world.client().post("/reviews/meetings/new/", NEW | {"day": "2027-03-28", "at": "02:30"})
    assert Engagement.objects.get().starts_at.isoformat() == "2027-03-28T01:30:00+00:00"
