"""Whose work stands where on My day, and since when something is new."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from portal.accounts.rules import Actor, Standing
from portal.home.arranging import arranged
from portal.ui.days import last_day, since_last_day


@dataclass
class Piece:
    """A panel by its key."""

    key: str


def order(keys: str, *standings: Standing) -> str:
    return " ".join(one.key for one in arranged(Actor(1, standings=standings), [Piece(key) for key in keys.split()]))


KEYS = "unread other mine breaching waiting signals access new_cases clocks_need"


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing("coordinator", site_id=1), "clocks_need breaching waiting mine new_cases access other signals unread"),
        (Standing("associate", service_id=1), "mine waiting breaching new_cases other signals access clocks_need unread"),
        (
            Standing("associate", service_id=1, is_lead=True),
            "clocks_need breaching waiting mine new_cases other signals access unread",
        ),
        (Standing("partner_manager", site_id=1), "waiting signals breaching access mine new_cases other clocks_need unread"),
        (Standing("partner_lead", site_id=1), "waiting access mine other breaching signals new_cases clocks_need unread"),
        (Standing("it_fulfilment"), "access waiting other mine breaching signals new_cases clocks_need unread"),
        (Standing("administrator"), "clocks_need waiting new_cases signals other mine breaching access unread"),
        (Standing("auditor"), "signals new_cases other mine breaching waiting access clocks_need unread"),
    ],
)  # fmt: skip
def test_each_role_has_its_work_in_its_order_and_the_inbox_last(standing: Standing, expected: str) -> None:
    assert order(KEYS, standing) == expected


def test_two_roles_are_read_one_after_the_other_and_nothing_twice() -> None:
    both = order(KEYS, Standing("partner_manager", site_id=1), Standing("coordinator", site_id=2))
    assert both == "clocks_need breaching waiting mine new_cases access signals other unread"


@pytest.mark.parametrize(
    ("today", "weekdays", "expected"),
    [
        (date(2026, 11, 20), range(5), date(2026, 11, 19)),
        (date(2026, 11, 23), range(5), date(2026, 11, 20)),  # Monday: Friday
        (date(2026, 11, 22), range(5), date(2026, 11, 20)),  # Sunday: Friday
        (date(2026, 11, 23), (5, 6), date(2026, 11, 22)),  # who works at weekends
        (date(2026, 11, 23), (0,), date(2026, 11, 16)),  # who works on Mondays alone: a week ago
        (date(2026, 1, 1), range(5), date(2025, 12, 31)),
        (date(2026, 11, 23), (), date(2026, 11, 22)),
    ],
)
def test_new_is_what_came_since_the_last_day_of_work(today: date, weekdays: tuple[int, ...], expected: date) -> None:
    assert last_day(today, weekdays) == expected


def test_the_day_begins_where_the_reader_is() -> None:
    now = datetime(2026, 11, 19, 17, tzinfo=UTC)  # Friday already in Shanghai
    assert since_last_day(now, ZoneInfo("Asia/Shanghai")) == datetime(2026, 11, 18, 16, tzinfo=UTC)
    assert since_last_day(now, UTC) == datetime(2026, 11, 18, tzinfo=UTC)
