"""Spans of business time as people type them."""

import pytest

from sla.forms.spans import parse_span, typed_span


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
