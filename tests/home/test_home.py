"""My day and search."""

from datetime import UTC, datetime, time

import pytest
import time_machine
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.home.rules import part_of_day
from portal.ui import registry
from portal.ui.registry import Panel, SearchHit, SearchSource
from tests.factories.notifications import NotificationFactory, ReaderFactory, kind, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> User:
    """Somebody in Shanghai who is signed in."""
    user: User = ReaderFactory(time_zone="Asia/Shanghai")
    client.force_login(user)
    return user


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int | None, str, int]]:
    """What the one search source was asked: by whom, for what, how many."""
    calls: list[tuple[int | None, str, int]] = []

    def find(actor: Actor, text: str, limit: int) -> list[SearchHit]:
        calls.append((actor.user_id, text, limit))
        return [SearchHit("EC-20418 <Guest>", "Payments", "/cases/EC-20418/", "inbox")] if "guest" in text else []

    monkeypatch.setattr(registry, "_searches", {"cases": SearchSource("cases", "Cases", find)})
    return calls


@pytest.mark.parametrize(
    ("utc_hour", "greeting", "date"),
    [
        (0, "Good morning", "Thu 19 Nov"),
        (5, "Good afternoon", "Thu 19 Nov"),
        (11, "Good evening", "Thu 19 Nov"),
        (17, "Good evening", "Fri 20 Nov"),
    ],
)
def test_the_day_is_greeted_in_the_readers_own_time(
    client: Client, reader: User, utc_hour: int, greeting: str, date: str
) -> None:
    with time_machine.travel(datetime(2026, 11, 19, utc_hour, 30, tzinfo=UTC), tick=False):
        client.force_login(reader)
        text = client.get("/").content.decode()
    assert f"<h1>{greeting}</h1>" in text
    assert f">{date}</time>" in text


@pytest.mark.parametrize(
    ("at", "part"),
    [
        ("04:59", "evening"),
        ("05:00", "morning"),
        ("11:59", "morning"),
        ("12:00", "afternoon"),
        ("17:59", "afternoon"),
        ("18:00", "evening"),
        ("00:00", "evening"),
    ],
)
def test_parts_of_the_day(at: str, part: str) -> None:
    assert part_of_day(time.fromisoformat(at)) == part


def test_what_is_unread_stands_on_the_page_and_can_be_opened(client: Client, reader: User) -> None:
    with registered(kind()):
        row = NotificationFactory(recipient=reader, params={"ref": "EC-9"}, urgent=True)
        text = client.get("/").content.decode()
    assert "EC-9 breached" in text
    assert "Urgent" in text
    assert f'action="/inbox/{row.pk}/open/"' in text


def test_nothing_unread_is_said_kindly(client: Client, reader: User) -> None:
    assert "You have seen everything that concerns you." in client.get("/").content.decode()


def test_a_panel_that_a_wing_registered_is_shown_in_its_order(
    client: Client, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = registry._panels["home"]
    first = Panel("first", 1, "home/_unread.html", lambda _actor, _page: {"items": []})
    away = Panel("away", 2, "home/no-such-template.html", lambda _actor, _page: None)
    monkeypatch.setitem(registry._panels, "home", {"unread": ours["unread"], "first": first, "away": away})
    assert client.get("/").content.decode().count("Nothing unread") == 2


def test_search_shows_the_hits_of_every_source_escaped(client: Client, reader: User, asked: list[object]) -> None:
    text = client.get("/search/", {"q": " guest "}).content.decode()
    assert "EC-20418 &lt;Guest&gt;" in text
    assert 'href="/cases/EC-20418/"' in text
    assert asked == [(reader.pk, "guest", 20)]


def test_search_for_nothing_asks_nobody(client: Client, reader: User, asked: list[object]) -> None:
    assert "Search everything you may see" in client.get("/search/").content.decode()
    assert "Search everything you may see" in client.get("/search/", {"q": "   "}).content.decode()
    assert asked == []


def test_a_search_without_hits_says_so(client: Client, reader: User, asked: list[object]) -> None:
    assert "Nothing found" in client.get("/search/", {"q": "zzz"}).content.decode()


@pytest.mark.parametrize("bad", ["x\0y", "x" * 201, "<script>" * 200])
def test_a_text_that_cannot_be_searched_gets_a_message_at_the_field(
    client: Client, reader: User, asked: list[object], bad: str
) -> None:
    response = client.get("/search/", {"q": bad})
    text = response.content.decode()
    assert response.status_code == 422
    assert 'aria-invalid="true"' in text
    assert "<script><script>" not in text
    assert asked == []


def test_htmx_gets_the_results_alone(client: Client, reader: User, asked: list[object]) -> None:
    text = client.get("/search/", {"q": "guest"}, headers={"HX-Request": "true"}).content.decode()
    assert "EC-20418" in text
    assert "<html" not in text


@pytest.mark.parametrize("address", ["/", "/search/?q=guest"])
def test_visitors_are_sent_to_the_login(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/")
