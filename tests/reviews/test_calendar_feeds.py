"""Addresses of calendars: when they were read, and that an administrator takes them back."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.audit.models import AuditEntry
from reviews.actions.calendar_feed import APART, make_feed
from reviews.models import CalendarFeed
from tests.factories.partners import user
from tests.reviews.meeting_world import MeetingWorld, a_meeting, meeting_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


@pytest.fixture
def administrator() -> User:
    return user(Role.ADMINISTRATOR)


def browser(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def read(token: str) -> int:
    return Client().get(f"/reviews/calendar/{token}.ics").status_code


def test_when_it_was_read_is_kept_once_an_hour(world: MeetingWorld) -> None:
    token = make_feed(actor=world.actor("lead"))
    start = timezone.now()
    seen = []
    for after in (timedelta(0), timedelta(minutes=5), APART - timedelta(seconds=1), APART):
        with time_machine.travel(start + after, tick=False):
            assert read(token) == 200
            seen.append(CalendarFeed.objects.get().read_at)
    assert [one - start for one in seen if one] == [timedelta(0), timedelta(0), timedelta(0), APART]
    assert "A program last read it" in world.client("lead").get("/reviews/calendar/").content.decode()


def test_an_address_that_leads_nowhere_is_not_noted(world: MeetingWorld) -> None:
    make_feed(actor=world.actor("lead"))
    assert read("nobody-has-this-one") == 404
    assert CalendarFeed.objects.get().read_at is None
    assert "No program has read it yet" in world.client("lead").get("/reviews/calendar/").content.decode()


def test_an_account_that_was_closed_has_no_calendar(world: MeetingWorld) -> None:
    a_meeting(world)
    token = make_feed(actor=world.actor("lead"))
    User.objects.filter(pk=world.lead.pk).update(is_active=False)
    assert read(token) == 404
    assert CalendarFeed.objects.get().read_at is None


def test_an_administrator_takes_anothers_back(world: MeetingWorld, administrator: User) -> None:
    token, kept = make_feed(actor=world.actor("lead")), make_feed(actor=world.actor())
    feed = CalendarFeed.objects.get(user=world.lead)
    client = browser(administrator)
    assert "Addresses of all" in client.get("/reviews/calendar/").content.decode()
    assert "Lead" in client.get("/reviews/calendar/all/").content.decode()
    shown = client.post(f"/reviews/calendar/all/{feed.pk}/revoke/", follow=True).content.decode()
    assert "The address of Lead does not work any more" in shown
    assert (read(token), read(kept)) == (404, 200)
    entry = AuditEntry.objects.get(verb="calendar_feed.revoked")
    assert (entry.actor_id, entry.changes) == (administrator.pk, {"calendar_of_id": world.lead.pk})
    assert "Whose calendar" in client.get("/audit/").content.decode()
    assert client.post(f"/reviews/calendar/all/{feed.pk}/revoke/").status_code == 404


def test_nobody_else_does(world: MeetingWorld) -> None:
    make_feed(actor=world.actor("lead"))
    pk = CalendarFeed.objects.get().pk
    for who in (world.coordinator, world.manager, world.other_lead, user(Role.AUDITOR)):
        assert browser(who).get("/reviews/calendar/all/").status_code == 404
        assert browser(who).post(f"/reviews/calendar/all/{pk}/revoke/").status_code == 404
        assert "Addresses of all" not in browser(who).get("/reviews/calendar/").content.decode()
    assert CalendarFeed.objects.exists()


def test_the_list_takes_as_many_queries_for_many_as_for_few(world: MeetingWorld, administrator: User) -> None:
    client = browser(administrator)
    make_feed(actor=world.actor())
    client.get("/reviews/calendar/all/")
    with CaptureQueriesContext(connection) as few:
        client.get("/reviews/calendar/all/")
    for _at in range(30):
        make_feed(actor=actor_for(user(Role.PARTNER_LEAD, site=world.site)))
    with CaptureQueriesContext(connection) as many:
        shown = client.get("/reviews/calendar/all/")
    assert len(shown.context["page"].items) == 31
    assert len(many) == len(few)
