"""My day: what stands on it at once, what is fetched after it, and what is new."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from escalations.models import Case
from portal.ui import registry
from tests.escalations.pages_world import World, world
from tests.factories.accounts import MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def made() -> World:
    """A service, sites, and somebody in most roles."""
    return world()


def page(client: Client, url: str = "/", **headers: str) -> str:
    response = client.get(url, headers=headers)
    assert response.status_code == 200, url
    return response.content.decode()


def later(text: str) -> list[str]:
    return re.findall(r'hx-get="(/day/[a-z_]+/)"', text)


def raised(made: World, subject: str, **about: Any) -> Case:
    return made.case(subject, site_id=made.site.pk, **about)


def test_the_first_piece_of_the_reader_comes_at_once_and_the_others_follow(made: World) -> None:
    raised(made, "Guest without a bed")
    text = page(made.client("coordinator"))
    assert "Guest without a bed" in text.partition('id="home-breaching"')[2]
    order = ["owed_by_law", "waiting", "later_today", "mine", "consults", "offered", "new_cases", "access"]
    assert later(text)[:8] == [f"/day/{key}/" for key in order]
    assert "Your cases" in text


def test_every_piece_that_is_promised_is_there_as_a_piece_and_as_a_page(made: World) -> None:
    for who in made.users:
        client = made.client(who)
        for url in later(page(client)):
            assert "<html" not in page(client, url, **HTMX), (who, url)
            assert "<h1>" in page(client, url), (who, url)


def test_what_is_not_ones_work_is_not_found(made: World) -> None:
    agent = made.client("agent")
    for key in ("breaching", "new_cases", "signals", "packs", "pulse", "access", "unread", "nothing-of-ours"):
        assert agent.get(f"/day/{key}/").status_code == 404, key
    assert agent.get("/day/mine/").status_code == 200


def test_every_quick_action_opens_for_whom_it_is_offered(made: World) -> None:
    offered = set()
    for who in made.users:
        client = made.client(who)
        for act in registry.acts_for(made.actor(who)):
            offered.add(act.key)
            assert client.get(reverse(act.url_name)).status_code == 200, (who, act.key)
            assert reverse(act.url_name) in page(client), (who, act.key)
    assert {"case", "access_request", "roster", "meeting", "finding"} <= offered


def test_new_is_what_others_opened_since_the_last_day_in_the_readers_zone(made: World) -> None:
    user = made.users["coordinator"]
    user.time_zone = "Asia/Shanghai"
    user.save()
    monday = datetime(2026, 11, 23, 2, tzinfo=UTC)  # ten in the morning there
    friday = datetime(2026, 11, 19, 16, tzinfo=UTC)  # midnight there
    raised(made, "On Thursday", at=friday - timedelta(minutes=1))
    raised(made, "On Friday", at=friday)
    raised(made, "On Sunday", at=friday + timedelta(days=2))
    raised(made, "My own", by="coordinator", at=friday)
    with time_machine.travel(monday, tick=False):
        text = page(made.client("coordinator"), "/day/new_cases/", **HTMX)
    assert "New since Friday" in text
    assert [word for word in ("On Thursday", "On Friday", "On Sunday", "My own") if word in text] == [
        "On Friday", "On Sunday",
    ]  # fmt: skip
    assert text.index("On Sunday") < text.index("On Friday")


def test_what_waits_is_counted_with_its_place_and_nothing_is_said_kindly(made: World) -> None:
    client = made.client("coordinator")
    assert "Nothing waits for you now" in page(client, "/day/waiting/", **HTMX)
    raised(made, "Nobody’s")
    text = page(client, "/day/waiting/", **HTMX)
    assert "Cases that nobody works yet" in text
    assert "<b>1</b>" in text
    assert "/queue/?tab=unassigned" in text


def test_a_day_costs_the_same_whatever_there_is(made: World) -> None:
    readers = ("coordinator", "associate", "service_lead", "manager", "lead", "auditor", "administrator")
    raised(made, "The first")
    clients = {who: made.client(who) for who in readers}
    urls = {who: ["/", *later(page(client))] for who, client in clients.items()}
    before = {(who, url): asked(clients[who], url) for who in readers for url in urls[who]}
    for number in range(5):
        raised(made, f"Another {number}")
    assert {(who, url): asked(clients[who], url) for who in readers for url in urls[who]} == before


def asked(client: Client, url: str) -> int:
    headers = {} if url == "/" else HTMX
    with CaptureQueriesContext(connection) as caught:
        client.get(url, headers=headers)
    return len(caught.captured_queries)


def test_somebody_without_a_role_reads_a_short_day(client: Client) -> None:
    client.force_login(UserFactory())
    text = page(client)
    assert later(text) == ["/day/waiting/"] or "Waits for you" in text
    assert "Nothing unread" in text


def test_it_sees_its_queue_first(client: Client) -> None:
    client.force_login(MembershipFactory(role="it_fulfilment").user)
    assert "Due first in the IT queue" in page(client)
