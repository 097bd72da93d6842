"""What is ahead of the reader until their day ends, on My day."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from escalations import actions
from escalations.models import Case, Watcher
from portal.ui.days import bounds_of_day
from tests.escalations.pages_world import World
from tests.factories.handing import ConsultFactory
from tests.factories.statutory import jurisdiction_with
from tests.home.shift_world import BOGOTA, NOW, SHANGHAI, at, crowd, due, hand, lives, piece, shift_world, signed_in
from tests.my_day import my_day
from tests.reviews.action_world import raised

pytestmark = pytest.mark.django_db
WORKERS = ("coordinator", "associate", "service_lead")


@pytest.fixture
def made() -> World:
    return shift_world()


def ahead(client: Client, when: datetime = NOW) -> list[str]:
    """The lines of "Later today": the time, and what it is."""
    found = re.findall(r'muted">by ([^<]+)</span><div><a href="[^"]+"[^>]*>([^<]+)', piece(client, "later_today", when))
    return [f"{time} {title}" for time, title in found]


def test_own_and_watched_cases_questions_actions_and_answers_by_law_by_time(made: World) -> None:
    crowd(made)
    me = made.users["coordinator"]
    due(made, "Mine at four", at(16), owner="coordinator")
    watched = due(made, "Watched at three", at(15), owner="associate")
    Watcher.objects.create(case=watched, user=me)
    due(made, "Of somebody else", at(14), owner="associate")
    due(made, "Mine tomorrow", at(24), owner="coordinator")
    asked = due(made, "Asked about", at(50), owner="associate")
    for hours, words in ((17, ""), (30, "tomorrow")):
        more = {"asked_by": made.users["associate" if words else "service_lead"], "to_user": me}
        other = due(made, "Asked too", at(50)) if words else asked
        with time_machine.travel(NOW - timedelta(hours=1), tick=False):
            ConsultFactory(case=other, due_at=at(hours), **more)
    with time_machine.travel(NOW - timedelta(hours=1), tick=False):
        raised(made, title="Coach the team", owner="coordinator", due_at=at(18))
        raised(made, title="Coach them next week", owner="coordinator", due_at=at(200))
        raised(made, title="Of the lead", owner="lead", due_at=at(18))
        law = due(made, "Complaint", at(13), owner="coordinator")
        actions.regulate(
            actor=made.actor("coordinator"), ref=law.pk, jurisdiction_id=jurisdiction_with(ack=1).pk,
            received_at=NOW - timedelta(days=1),
        )  # fmt: skip
    client = signed_in(made, "coordinator")
    assert ahead(client) == [
        "13:00 Complaint", "15:00 Watched at three", "16:00 Mine at four", "17:00 Which form is it?",
        "18:00 Coach the team", "23:59 Complaint",
    ]  # fmt: skip
    text = piece(client, "later_today")
    assert f'href="/cases/{law.ref}/deadlines/"' in text
    assert f"{watched.ref} · Resolution · watched by you" in text
    assert "question of Service Lead" in text


def test_what_breaching_next_shows_and_what_is_over_is_not_repeated(made: World) -> None:
    for hour in (9, 12, 13):
        due(made, f"At {hour}", at(hour), owner="coordinator")
    client = signed_in(made, "coordinator")
    assert ahead(client) == []
    for hour in range(14, 20):
        due(made, f"At {hour}", at(hour), owner="coordinator")
    assert ahead(client) == ["19:00 At 19"], "the first eight of all stand above"
    assert "At 12" in piece(client, "breaching")


def test_whose_day_begins_with_their_cases_reads_those_once(made: World) -> None:
    crowd(made)
    for hour in range(11, 20):
        due(made, f"At {hour}", at(hour), owner="associate")
    watched = due(made, "Watched", at(18.5), owner="service_lead")
    Watcher.objects.create(case=watched, user=made.users["associate"])
    client = signed_in(made, "associate")
    assert ahead(client) == ["18:30 Watched", "19:00 At 19"], "eight stand in Mine"
    made.users["associate"].memberships.update(is_lead=True)
    assert ahead(client)[:2] == ["11:00 At 11", "12:00 At 12"], "a lead's day begins with what breaches next"


def test_an_ended_case_stands_in_owed_by_law_alone(made: World) -> None:
    case, lead = due(made, "Complaint", at(20), owner="service_lead"), made.actor("service_lead")
    with time_machine.travel(NOW - timedelta(hours=1), tick=False):
        law, received = jurisdiction_with(final=1), NOW - timedelta(days=1)
        actions.regulate(actor=lead, ref=case.pk, jurisdiction_id=law.pk, received_at=received)
    crowd(made)
    client = signed_in(made, "service_lead")
    assert ahead(client) == ["20:00 Complaint", "23:59 Complaint"]
    with time_machine.travel(NOW - timedelta(minutes=1), tick=False):
        actions.set_state(actor=lead, ref=case.pk, verb="resolve", reason="By phone")
    assert piece(client, "later_today") == ""
    assert "Final response by law" in piece(client, "owed_by_law")


def test_eight_lines_and_those_that_come_first(made: World) -> None:
    crowd(made)
    for minute in range(10, 0, -1):
        due(made, f"Case {minute}", at(12) + timedelta(minutes=minute), owner="service_lead")
    assert ahead(signed_in(made, "service_lead")) == [f"12:{minute:02} Case {minute}" for minute in range(1, 9)]


def test_the_day_ends_where_the_reader_is(made: World) -> None:
    crowd(made)
    lives(made, "coordinator", SHANGHAI)
    lives(made, "service_lead", BOGOTA)
    me, lead = made.users["coordinator"], made.users["service_lead"]
    # Midnight in Shanghai is 16:00 in UTC; in Bogota it is 05:00 in UTC of the next day.
    for subject, when in (("Before", at(16) - timedelta(seconds=1)), ("At midnight", at(16)), ("Night", at(28.5))):
        case = due(made, subject, when)
        Watcher.objects.bulk_create([Watcher(case=case, user=me), Watcher(case=case, user=lead)])
    due(made, "Their tomorrow", at(29), owner="service_lead")
    assert ahead(signed_in(made, "coordinator")) == ["23:59 Before"]
    assert ahead(signed_in(made, "service_lead")) == ["10:59 Before", "11:00 At midnight", "23:30 Night"]


def test_a_day_of_25_hours_ends_when_it_ends() -> None:
    zone = ZoneInfo("Europe/Berlin")
    begin, end = bounds_of_day(datetime(2026, 10, 25, 12, tzinfo=UTC), zone)
    assert (begin.astimezone(UTC), end.astimezone(UTC)) == (
        datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC),
    )  # fmt: skip


def test_nothing_is_ahead_of_a_case_that_went_out_of_sight(made: World) -> None:
    crowd(made)
    case = due(made, "Quiet matter", at(15), owner="coordinator")
    Watcher.objects.create(case=case, user=made.users["other_associate"])
    ConsultFactory(
        case=case, to_user=made.users["coordinator"], asked_at=at(9), due_at=at(16), opens="", asked_by=made.users["associate"]
    )  # fmt: skip
    client, stranger = signed_in(made, "coordinator"), signed_in(made, "other_associate")
    assert [line[6:] for line in ahead(client)] == ["Quiet matter", "Which form is it?"]
    assert ahead(stranger) == [], "who watches it without seeing it"
    Case.objects.filter(pk=case.pk).update(sensitivity="confidential")
    assert piece(client, "later_today") == ""


def test_the_pieces_of_a_shift_are_for_those_who_work_in_one(made: World) -> None:
    pieces = {"later_today": (*WORKERS, "other_associate"), "shift": (*WORKERS, "other_associate")}
    pieces["shift_before"] = ("associate", "service_lead", "other_associate")
    for who in made.users:
        client = made.client(who)
        for key, readers in pieces.items():
            assert client.get(f"/day/{key}/").status_code == (200 if who in readers else 404), (who, key)
    order = re.findall(r'hx-get="/day/([a-z_]+)/"', made.client("associate").get("/").text)
    assert order.index("owed_by_law") < order.index("later_today") < order.index("consults")
    assert [key for key in order if key in ("shift", "shift_before", "pulse", "todays_meetings")] == [
        "shift", "shift_before", "pulse",
    ]  # fmt: skip


def test_all_of_it_stands_on_the_page(made: World) -> None:
    crowd(made)
    with time_machine.travel(NOW - timedelta(hours=1), tick=False):
        ConsultFactory(case=due(made, "Asked", at(50)), to_user=made.users["associate"], due_at=at(15))
    hand(made, at(6), (due(made, "Handed", at(20), owner="service_lead"), "Look in."))
    with time_machine.travel(NOW, tick=False):
        text = my_day(made.client("associate"))
    places = [text.index(place) for place in ("home-mine", "home-later_today", "/day/shift/", "home-shift_before")]
    assert places == sorted(places)
