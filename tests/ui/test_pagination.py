"""Keyset pages against a list sorted by hand."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.notifications.models import OutboxRow
from portal.ui.pagination import BadCursor, Page, capped_count, capped_counts, keyset_page

START = datetime(2026, 11, 19, 6, tzinfo=UTC)
ORDERS = [
    ("sent_at", "id"),
    ("-sent_at", "id"),
    ("sent_at", "-id"),
    ("-sent_at", "-attempts", "id"),
    ("attempts", "-id"),
    ("sent_at",),
    ("-id",),
]
Rows = list[tuple[int | None, int]]
ROWS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.integers(0, 2)), max_size=14)

pytestmark = pytest.mark.django_db


def make(rows: Rows) -> None:
    OutboxRow.objects.bulk_create(
        OutboxRow(
            topic="mail",
            idempotency_key=f"row {at}",
            payload={},
            state="pending" if minute is None else "sent",
            sent_at=None if minute is None else START + timedelta(minutes=minute),
            attempts=attempts,
        )
        for at, (minute, attempts) in enumerate(rows)
    )


def by_hand(order: tuple[str, ...]) -> list[int]:
    """Ids in the order asked for, empty values last in either direction."""

    def key(row: OutboxRow) -> list[tuple[bool, float]]:
        found = []
        for name in order if {"id", "-id"} & set(order) else (*order, "id"):
            value = getattr(row, name.lstrip("-"))
            number = value.timestamp() if isinstance(value, datetime) else value
            found.append((value is None, 0 if value is None else -number if name.startswith("-") else number))
        return found

    return [row.pk for row in sorted(OutboxRow.objects.all(), key=key)]


def ids(page: Page[Any]) -> list[int]:
    return [row.pk for row in page]


def walk(order: tuple[str, ...], size: int) -> list[Page[Any]]:
    pages = [keyset_page(OutboxRow.objects.all(), order=order, size=size)]
    while pages[-1].next_cursor:
        pages.append(keyset_page(OutboxRow.objects.all(), order=order, size=size, cursor=pages[-1].next_cursor))
    return pages


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, order=st.sampled_from(ORDERS), size=st.integers(1, 5))
def test_pages_forth_and_back_are_the_sorted_list(rows: Rows, order: tuple[str, ...], size: int) -> None:
    with transaction.atomic():
        make(rows)
        wanted = by_hand(order)
        pages = walk(order, size)
        assert [pk for page in pages for pk in ids(page)] == wanted
        assert pages[0].prev_cursor is None
        start, cursor = len(wanted) - len(pages[-1]), pages[-1].prev_cursor
        while cursor:
            page = keyset_page(OutboxRow.objects.all(), order=order, size=size, cursor=cursor)
            # What is left before the first full page is shown as the first page, not as a stub.
            assert ids(page) == wanted[max(0, start - size) : max(start, size)]
            start, cursor = start - size, page.prev_cursor
        assert start <= 0
        transaction.set_rollback(True)


def test_rows_that_vanish_between_pages_lose_no_other_row() -> None:
    make([(1, 0), (1, 0), (2, 0), (None, 0), (None, 0)])
    first = keyset_page(OutboxRow.objects.all(), order=("sent_at",), size=2)
    wanted = by_hand(("sent_at",))
    OutboxRow.objects.filter(pk=ids(first)[-1]).delete()
    second = keyset_page(OutboxRow.objects.all(), order=("sent_at",), size=2, cursor=first.next_cursor)
    assert ids(first) + ids(second) == wanted[:4]


def test_a_page_costs_one_query_and_two_where_it_crosses_into_rows_without_a_value(
    django_assert_num_queries: Any,
) -> None:
    make([(1, 0), (2, 0), (3, 0), (None, 0)])
    with django_assert_num_queries(1):
        first = keyset_page(OutboxRow.objects.all(), order=("sent_at",), size=1)
    with django_assert_num_queries(1):
        second = keyset_page(OutboxRow.objects.all(), order=("sent_at",), size=1, cursor=first.next_cursor)
    with django_assert_num_queries(2):
        keyset_page(OutboxRow.objects.all(), order=("sent_at",), size=2, cursor=second.next_cursor)


def cursor_of(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


NOW = "2026-11-19T06:00:00+00:00"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!",
        "AAAA",
        "\u4e2d\u6587",
        "A" * 5000,
        cursor_of(),
        cursor_of("next", NOW),
        cursor_of("next", NOW, 1, 2),
        cursor_of("up", NOW, 1),
        cursor_of("next", "yesterday", 1),
        cursor_of("next", "2026-11-19T06:00:00", 1),
        cursor_of("next", "9999-12-31T23:59:59-12:00", 1),
        cursor_of("next", NOW, None),
        cursor_of("next", NOW, 2**70),
        cursor_of("next", NOW, 1.5e300),
        cursor_of("next", NOW, float("nan")),
        cursor_of("next", NOW, "1\x00"),
        cursor_of("next", {}, 1),
        cursor_of("next", [NOW], 1),
        base64.urlsafe_b64encode(b"[" * 1400).decode(),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor):
        keyset_page(OutboxRow.objects.all(), order=("sent_at",), cursor=cursor)


def test_half_a_character_in_a_cursor_is_refused_where_texts_are_ordered() -> None:
    cursor = base64.urlsafe_b64encode(rb'["next", "\ud800", 1]').decode()
    with pytest.raises(BadCursor):
        keyset_page(OutboxRow.objects.all(), order=("idempotency_key",), cursor=cursor)


def test_a_page_beyond_the_last_row_leads_back() -> None:
    make([(1, 0), (2, 0)])
    page = keyset_page(
        OutboxRow.objects.all(), order=("sent_at",), cursor=cursor_of("next", "2030-01-01T00:00:00+00:00", 1)
    )
    assert ids(page) == []
    back = keyset_page(OutboxRow.objects.all(), order=("sent_at",), cursor=page.prev_cursor)
    assert ids(back) == by_hand(("sent_at",))


def test_counting_stops_at_the_cap() -> None:
    make([(None, 0)] * 7)
    assert (capped_count(OutboxRow.objects.all(), 5), capped_count(OutboxRow.objects.all())) == (5, 7)


def test_parts_are_counted_to_the_cap_in_one_query(django_assert_num_queries: Any) -> None:
    make([(None, 0)] * 7 + [(1, 1)] * 3)
    rows = OutboxRow.objects.order_by("-id")
    parts = {
        "waiting": rows.filter(state="pending"),
        "sent": rows.filter(state="sent"),
        "none": rows.none(),
        "all": rows,
    }
    with django_assert_num_queries(1):
        assert capped_counts(parts, 5) == {"waiting": 6, "sent": 3, "none": 0, "all": 6}
    assert capped_counts(parts) == {"waiting": 7, "sent": 3, "none": 0, "all": 10}


def test_paging_by_something_that_is_no_column_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="cannot page by 'colour'"):
        keyset_page(OutboxRow.objects.all(), order=("colour",))
