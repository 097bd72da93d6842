"""Spans of business time as people type them."""

import pytest

from sla.forms.spans import parse_span, typed_span
from sla.queries.spans import business_day, business_text
from tests.factories.sla import CalendarFactory


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("90m", 90),
        ("4h", 240),
        ("2d", 2880),
        ("1h 30m", 90),
        ("1H30M", 90),
        ("1d 2h 3min", 1563),
        ("45", 45),
        ("０m", 0),
        ("２小时３０分钟", 150),
        ("1天4时5分", 1685),
    ],
)
def test_hours_days_and_minutes_are_minutes(typed: str, minutes: int) -> None:
    assert parse_span(typed) == minutes


@pytest.mark.parametrize("typed", ["", " ", "h", "soon", "4h soon", "30m 4h", "-5m", "1.5h", "4w", "\x00", "9" * 41])
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not a span"):
        parse_span(typed)


@pytest.mark.parametrize(("minutes", "typed"), [(0, "0m"), (45, "45m"), (60, "1h"), (90, "1h 30m"), (2880, "48h")])
def test_what_is_shown_can_be_typed(minutes: int, typed: str) -> None:
    assert typed_span(minutes) == typed
    assert parse_span(typed) == minutes


@pytest.mark.parametrize(
    ("minutes", "day", "text"),
    [
        (480, None, "8 business hours"), (480, 480, "1 business day"), (960, 480, "2 business days"),
        (480, 540, "8 business hours"), (60, 480, "1 business hour"), (45, None, "45 business minutes"),
        (1, None, "1 business minute"), (90, None, "1h 30m of business time"), (0, 480, "0 business minutes"),
        (1440, 1440, "1 business day"),
    ],
)  # fmt: skip
def test_business_time_is_said_in_words(minutes: int, day: int | None, text: str) -> None:
    assert business_text(minutes, day) == text


@pytest.mark.django_db
def test_how_long_a_business_day_is_the_calendars_say_if_they_agree() -> None:
    week = {day: [["09:00", "12:00"], ["13:00", "18:00"]] for day in ("mon", "tue", "wed")}
    eight = CalendarFactory.create(hours=week)
    night = CalendarFactory.create(hours={"fri": [["22:00", "06:00"]]})
    always = CalendarFactory.create(hours={"mon": [["00:00", "24:00"]]})
    mixed = CalendarFactory.create(hours={**week, "sat": [["09:00", "12:00"]]})
    assert business_day([eight.pk, night.pk]) == 480
    assert business_day([always.pk]) == 1440
    assert business_day([eight.pk, always.pk]) is None
    assert business_day([mixed.pk]) is None
    assert business_day([]) is None
