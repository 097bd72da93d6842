"""Ticks, ranges and scales of charts, for any values."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ui.charts import formats
from portal.ui.charts.layout import spread
from portal.ui.charts.numbers import LARGEST, Scale, checked, domain, number, tick_values, ticks
from portal.ui.charts.words import breadth, shortened, wrapped

values = st.floats(-LARGEST, LARGEST, allow_subnormal=True)


@given(st.lists(values, max_size=30), st.none() | values, st.none() | values)
def test_a_range_holds_all_values_and_is_never_empty(found: list[float], low: float | None, high: float | None) -> None:
    least, most = domain(found, low, high)
    assert math.isfinite(least)
    assert math.isfinite(most)
    assert least < most
    assert all(least <= value <= most for value in found)


@given(st.lists(st.floats(0, 1), min_size=1))
def test_a_share_is_never_drawn_below_zero_or_beyond_a_given_bound(found: list[float]) -> None:
    least, most = domain(found, None, 1.0)
    assert least >= 0
    assert most == 1.0


@given(st.lists(values, min_size=1, max_size=30), st.integers(1, 9))
def test_ticks_are_round_rising_and_within_the_range(found: list[float], about: int) -> None:
    low, high = domain(found)
    marks = tick_values(low, high, about)
    assert len(marks) <= about + 2
    assert all(low <= mark <= high for mark in marks)
    assert list(marks) == sorted(set(marks))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 100, (0, 20, 40, 60, 80, 100)),
        (62, 92, (70, 80, 90)),
        (-1, 1, (-1, -0.5, 0, 0.5, 1)),
        (0, 0.034, (0, 0.01, 0.02, 0.03)),
        (0, 12, (0, 5, 10)),
        (-48_210, -1_000, (-40_000, -30_000, -20_000, -10_000)),
    ],
)
def test_steps_are_one_two_or_five(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert tick_values(low, high) == expected


def test_no_two_ticks_say_the_same() -> None:
    assert ticks(0.801, 0.808, formats.whole_percent) == ((0.805, "80%"),)
    assert [text for _at, text in ticks(0.0, 2.5, formats.whole)] == ["0", "1", "2"]


@given(values, values, values, values)
def test_scales_are_monotone_and_stay_inside(a: float, b: float, one: float, other: float) -> None:
    low, high = domain([a, b])
    up = Scale(low, high, 200, 10)
    small, large = sorted((one, other))
    assert 10 <= up(large) <= up(small) <= 200
    assert (up(low), up(high)) == (200, 10)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2 * LARGEST, 10**400])
def test_what_cannot_be_drawn_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"cannot show|too large"):
        checked(value)


@given(st.floats(-1e4, 1e4))
def test_coordinates_are_short_and_exact_to_a_tenth(value: float) -> None:
    text = number(value)
    assert "e" not in text
    assert text != "-0"
    assert len(text.partition(".")[2]) <= 1
    assert abs(float(text) - value) <= 0.05 + 1e-9


@given(st.lists(st.floats(0, 100), max_size=6))
def test_words_at_the_right_are_moved_apart_in_their_order(heights: list[float]) -> None:
    found = spread(heights, 0, 100, 14)
    assert all(0 <= y <= 100 for y in found)
    ordered = [found[at] for at in sorted(range(len(heights)), key=heights.__getitem__)]
    assert all(after - before >= 14 - 1e-9 for before, after in pairwise(ordered))


@given(st.text(max_size=60), st.floats(20, 300))
def test_words_are_shortened_to_fit_and_wrapped_without_loss_where_they_can(text: str, room: float) -> None:
    assert breadth(shortened(text, room)) <= room
    assert all(breadth(line) <= room for line in wrapped(text, room))


def test_chinese_breaks_between_any_characters_and_latin_between_words() -> None:
    assert wrapped("成都蓝浪客服中心", 84) == ("成都蓝浪", "客服中心")
    assert wrapped("Chengdu Bluewave", 70) == ("Chengdu", "Bluewave")
    assert wrapped("Kraków · Veltora", 70) == ("Kraków ·", "Veltora")
    assert wrapped("Incomprehensibilities", 70) == ("Incompre…",)


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (formats.plain, -3.0, "−3"),
        (formats.plain, -0.001, "0"),
        (formats.plain, 1204.5, "1,204.5"),
        (formats.percent, 0.8412, "84.1%"),
        (formats.percent, -0.0001, "0.0%"),
        (formats.whole_percent, -0.056, "−6%"),
        (formats.signed, 1.4, "+1.4"),
        (formats.signed, 0.0, "0"),
        (formats.signed, -0.3, "−0.3"),
        (formats.clock, 45, "45s"),
        (formats.clock, 538, "8:58"),
        (formats.clock, -3900, "−1:05:00"),
    ],
)
def test_numbers_are_written_as_people_read_them(form: object, value: float, expected: str) -> None:
    assert form(value) == expected  # type: ignore[operator]
