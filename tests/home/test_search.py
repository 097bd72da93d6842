"""The page of the search: one kind of thing, what narrows it, its pages, and what cannot be looked for."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rules import Actor
from portal.ui import registry
from portal.ui.finding import Piece, excerpt, marked
from portal.ui.pagination import BadCursor
from portal.ui.registry import SearchAsk, SearchFilter, SearchHit, SearchPage, SearchSource
from tests.factories.notifications import ReaderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> User:
    user: User = ReaderFactory()
    client.force_login(user)
    return user


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[SearchAsk]:
    """What the source with pages was asked; another source stands beside it."""
    calls: list[SearchAsk] = []

    def page(_actor: Actor, ask: SearchAsk) -> SearchPage:
        calls.append(ask)
        if ask.cursor == "bad":
            raise BadCursor("unreadable")
        hit = SearchHit("EC-1", "Payments", "/cases/EC-1/", "inbox", [Piece("the <b>"), Piece("guest", found=True)])
        return SearchPage([hit], "c2" if not ask.cursor else None, "The newest 100 of many.")

    def colours(_actor: Actor) -> Sequence[tuple[str, str]]:
        return [("red", "Red")]

    def never(*_args: Any) -> list[SearchHit]:
        return []

    cases = SearchSource("cases", "Cases", never, page, (SearchFilter("colour", "Colour", colours),))
    people = SearchSource("people", "People", lambda *_args: [SearchHit("Ana", "", "/people/1/", "user")])
    monkeypatch.setattr(registry, "_searches", {"cases": cases, "people": people})
    return calls


def shown(client: Client, **data: str) -> str:
    response = client.get("/search/", data)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_where_the_words_stand_is_marked_and_escaped(client: Client, reader: User, asked: list[SearchAsk]) -> None:
    text = shown(client, q="guest")
    assert "the &lt;b&gt;<mark>guest</mark>" in text
    assert "The newest 100 of many." in text
    assert "Ana" in text
    assert 'href="?q=guest&amp;kind=cases"' in text


def test_one_kind_alone_with_its_filters_and_pages(client: Client, reader: User, asked: list[SearchAsk]) -> None:
    text = shown(client, q="guest", kind="cases", colour="red")
    assert "Ana" not in text
    assert (asked[-1].filters, asked[-1].cursor) == ({"colour": "red"}, None)
    assert 'href="?q=guest&amp;kind=cases&amp;colour=red&amp;cursor=c2"' in text
    text = shown(client, q="guest", kind="cases", colour="red", cursor="c2")
    assert asked[-1].cursor == "c2"
    assert 'href="?q=guest&amp;kind=cases&amp;colour=red"' in text
    assert 'rel="next"' not in text


@pytest.mark.parametrize(
    "data", [{"kind": "unicorns"}, {"kind": "cases", "colour": "blue"}, {"kind": "cases", "colour": "\x00"}]
)
def test_an_unknown_choice_is_refused_at_its_field(
    client: Client, reader: User, asked: list[SearchAsk], data: dict[str, str]
) -> None:
    response = client.get("/search/", {"q": "guest", **data})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert asked == []


def test_a_cursor_of_another_list_is_a_bad_address(client: Client, reader: User, asked: list[SearchAsk]) -> None:
    assert client.get("/search/", {"q": "guest", "kind": "cases", "cursor": "bad"}).status_code == 400


@pytest.mark.parametrize("text", ["?!", "…", "a", "é", "7", "@", "😀", "_"])
def test_nothing_to_look_for_is_said_at_the_field(
    client: Client, reader: User, asked: list[SearchAsk], text: str
) -> None:
    response = client.get("/search/", {"q": text})
    assert response.status_code == 422
    assert "Say more: two letters or digits, or one Chinese character." in response.content.decode()
    assert asked == []


@pytest.mark.parametrize("text", ["ab", "退", "7 8", "a!b"])
def test_two_letters_or_one_character_are_enough(
    client: Client, reader: User, asked: list[SearchAsk], text: str
) -> None:
    shown(client, q=text)
    assert asked[-1].text == text


def test_an_excerpt_is_short_and_marks_words_from_their_beginning() -> None:
    text = "Nothing here. " * 20 + "The refund was refused; prerefund 退款失败了 refunds"
    pieces = excerpt(text, "refund 退款")
    assert [piece.text for piece in pieces if piece.found] == ["refund", "退款", "refund"]
    assert pieces[0].text.startswith("…")
    assert sum(len(piece.text) for piece in pieces) < 250
    assert excerpt("Short text", "absent") == [Piece("Short text")]
    assert marked("", "x") == []
    assert [piece.text for piece in marked("A (b) [c] a", "a (b) [c]") if piece.found] == ["A", "b", "c", "a"]
