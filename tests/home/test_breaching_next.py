"""What breaches next: a heap of what is overdue does not hide what still can be kept; numbers that are cut say so."""

import re

import pytest
from django.template.loader import render_to_string

from escalations import day
from tests.escalations.pages_world import World
from tests.home.shift_world import at, due, piece, shift_world, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def made() -> World:
    return shift_world()


def titles(made: World, who: str = "coordinator") -> list[str]:
    return re.findall(r'<div><a href="/cases/[^"]+"[^>]*>([^<]+)', piece(signed_in(made, who), "breaching"))


def test_three_that_are_over_and_then_what_falls_due_next(made: World) -> None:
    for hours in range(10):
        due(made, f"Over {hours}", at(2 + hours / 2))
    for hours in range(7):
        due(made, f"Ahead {hours}", at(13 + hours))
    assert titles(made) == ["Over 0", "Over 1", "Over 2", *(f"Ahead {hours}" for hours in range(5))]


def test_what_is_over_takes_the_room_that_is_left(made: World) -> None:
    for hours in range(9):
        due(made, f"Over {hours}", at(2 + hours / 2))
    assert titles(made) == [f"Over {hours}" for hours in range(8)]
    due(made, "Ahead", at(15))
    assert titles(made) == [*(f"Over {hours}" for hours in range(7)), "Ahead"]


def test_few_cases_stand_in_their_order(made: World) -> None:
    for hours in (14, 3, 4, 5, 6, 13):
        due(made, f"At {hours}", at(hours))
    assert titles(made) == [f"At {hours}" for hours in (3, 4, 5, 6, 13, 14)]


def test_a_number_that_is_cut_says_so() -> None:
    lines = [
        ("Failed deliveries", "/inbox/failed/", "hour", number) for number in (day.MOST_COUNTED - 1, day.MOST_COUNTED)
    ]
    text = render_to_string("home/_waiting.html", {"lines": lines})
    assert re.findall("<b>([^<]+)</b>", text) == ["999", "1,000+"]
