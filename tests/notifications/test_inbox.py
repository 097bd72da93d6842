"""The inbox as its reader sees it."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.notifications import queries
from portal.notifications.models import Notification
from tests.factories.notifications import NotificationFactory, ReaderFactory, kind, registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> User:
    """Somebody who is signed in."""
    user: User = ReaderFactory()
    client.force_login(user)
    return user


def page(client: Client, address: str = "/inbox/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_newest_first_in_words_with_the_number_at_the_bell(client: Client, reader: User) -> None:
    NotificationFactory(recipient=reader, params={"ref": "EC-1"})
    NotificationFactory(recipient=reader, tick="t1", count=412, urgent=True)
    NotificationFactory(recipient=reader, params={"ref": "EC-3"}, read_at=timezone.now())
    NotificationFactory(params={"ref": "EC-of-somebody-else"})
    text = page(client)
    assert text.index("412 cases breached") < text.index("EC-1 breached")
    assert "2 unread" in text
    assert 'aria-label="Inbox, 2 unread"' in text
    assert "EC-3" not in text
    assert "somebody-else" not in text
    assert "EC-3 breached" in page(client, "/inbox/?show=all")


def test_an_empty_inbox_says_what_will_arrive_here(client: Client, reader: User) -> None:
    text = page(client)
    assert "Nothing is waiting for you" in text
    assert "Nothing unread" in text
    assert 'aria-label="Inbox, nothing unread"' in text


def test_what_the_reader_may_not_see_any_more_is_neither_shown_nor_counted(
    client: Client, reader: User, hidden: set[int]
) -> None:
    secret = NotificationFactory(recipient=reader, params={"ref": "EC-13"}, subject_ids=[13])
    NotificationFactory(recipient=reader, params={"ref": "EC-14"}, subject_ids=[14])
    hidden.add(13)
    text = page(client)
    assert "EC-13" not in text
    assert "1 unread" in text
    assert "EC-13" not in page(client, "/inbox/?show=all")
    assert client.post(f"/inbox/{secret.pk}/open/").status_code == 404


def test_a_kind_that_no_wing_knows_any_more_is_not_shown(client: Client, reader: User) -> None:
    NotificationFactory(recipient=reader, kind="test.retired", params={"ref": "EC-1"})
    assert "Nothing unread" in page(client)


def test_opening_marks_as_read_and_leads_to_the_case(client: Client, reader: User) -> None:
    one, two = NotificationFactory(recipient=reader), NotificationFactory(recipient=reader, url="/cases/EC-2/")
    response = client.post(f"/inbox/{one.pk}/open/")
    assert (response.status_code, response["Location"]) == (302, "/cases/EC-1/")
    response = client.post(f"/inbox/{two.pk}/open/", headers={"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/cases/EC-2/")
    assert not Notification.objects.filter(read_at=None).exists()


def test_reading_by_get_changes_nothing(client: Client, reader: User) -> None:
    one = NotificationFactory(recipient=reader)
    page(client)
    for address in (f"/inbox/{one.pk}/open/", f"/inbox/{one.pk}/read/", "/inbox/read/"):
        assert client.get(address).status_code == 405
    one.refresh_from_db()
    assert one.read_at is None


def test_nobody_reads_for_somebody_else(client: Client, reader: User) -> None:
    foreign = NotificationFactory()
    for verb in ("open", "read"):
        assert client.post(f"/inbox/{foreign.pk}/{verb}/").status_code == 404
    client.post("/inbox/read/", {"up_to": str(foreign.pk)})
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_marking_all_spares_what_came_after_the_page(client: Client, reader: User) -> None:
    seen = NotificationFactory(recipient=reader)
    later = NotificationFactory(recipient=reader, params={"ref": "EC-77"})
    text = client.post("/inbox/read/", {"up_to": str(seen.pk)}, follow=True).content.decode()
    assert "Everything is marked as read." in text
    assert "1 unread" in text
    assert "EC-77 breached" in text
    later.refresh_from_db()
    assert later.read_at is None


def test_pages_of_fifty_there_and_back(client: Client, reader: User) -> None:
    for number in range(120):
        NotificationFactory(recipient=reader, params={"ref": f"EC-{1000 + number}"})

    def shown(show: queries.Page) -> list[str]:
        return [str(item.notification.params["ref"]) for item in show.items]

    actor = actor_for(reader)
    first = queries.inbox_page(actor, unread_only=True)
    second = queries.inbox_page(actor, unread_only=True, cursor=first.next_cursor or "")
    third = queries.inbox_page(actor, unread_only=True, cursor=second.next_cursor or "")
    assert shown(first) + shown(second) + shown(third) == [f"EC-{1000 + n}" for n in reversed(range(120))]
    assert (first.prev_cursor, third.next_cursor) == (None, None)
    assert shown(queries.inbox_page(actor, unread_only=True, cursor=third.prev_cursor or "")) == shown(second)
    back = queries.inbox_page(actor, unread_only=True, cursor=second.prev_cursor or "")
    assert (shown(back), back.prev_cursor) == (shown(first), None)
    text = page(client)
    assert f"cursor={(first.next_cursor or '').replace(':', '%3A')}" in text
    assert "99+ unread" in text


@pytest.mark.parametrize(
    "bad",
    ["cursor=x", "cursor=before:", "cursor=before:9" + "9" * 30, "cursor=after:%00", "show=some", "cursor=after:٣"],
)
def test_addresses_that_no_page_of_ours_has_are_refused(client: Client, reader: User, bad: str) -> None:
    assert client.get(f"/inbox/?{bad}").status_code == 400


@pytest.mark.parametrize("bad", ["", "x", "\0", "9" * 40, "-1"])
def test_marking_all_needs_a_row(client: Client, reader: User, bad: str) -> None:
    assert client.post("/inbox/read/", {"up_to": bad}).status_code == 400


def test_an_id_beyond_all_numbers_is_no_row(client: Client, reader: User) -> None:
    assert client.post(f"/inbox/{10**40}/read/").status_code == 404


def test_titles_are_escaped(client: Client, reader: User) -> None:
    NotificationFactory(recipient=reader, params={"ref": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in page(client)


def test_the_page_costs_the_same_for_one_line_and_for_many(
    client: Client, reader: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    NotificationFactory(recipient=reader)
    with django_assert_max_num_queries(12) as few:
        page(client)
    for number in range(60):
        NotificationFactory(recipient=reader, kind=("test.breached", "test.warned")[number % 2])
    with django_assert_max_num_queries(12) as many:
        page(client)
    assert len(few) == len(many)


def test_kinds_that_share_a_guard_are_asked_once(reader: User) -> None:
    asked: list[int] = []

    def visible(_actor: object, rows: Sequence[Notification]) -> Mapping[int, Collection[int]]:
        asked.append(len(rows))
        return {row.pk: () for row in rows}

    with registered(kind("test.one", visible=visible), kind("test.two", visible=visible)):
        for number in range(6):
            NotificationFactory(recipient=reader, kind=("test.one", "test.two")[number % 2])
        assert queries.unread_count(actor_for(reader)) == 6
    assert asked == [6]


def test_visitors_have_no_inbox(client: Client) -> None:
    response = client.get("/inbox/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/inbox/")
