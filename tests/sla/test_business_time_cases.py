"""The cases that other projects test their business time with."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sla.business_time import WEEKDAYS, BusinessCalendar, Ranges

CASES = json.loads((Path(__file__).parents[1] / "cases" / "business_time.json").read_text())["cases"]


def minus(ranges: Ranges, begin: str, end: str) -> Iterator[tuple[str, str]]:
    """The ranges of a day less a break."""
    for lo, hi in ranges:
        for a, b in ((lo, min(hi, begin)), (max(lo, end), hi)):
            if a < b:
                yield a, b


def calendar_of(case: dict[str, Any]) -> BusinessCalendar:
    given = case["calendar"]
    hours = {day: [(a, b) for a, b in ranges] for day, ranges in given["hours"].items()}
    special: dict[date, Ranges] = {}
    for pause in given.get("breaks", []):
        day = date.fromisoformat(pause["date"])
        ranges = special.get(day, hours.get(WEEKDAYS[day.weekday()], []))
        special[day] = list(minus(ranges, pause["from"], pause["to"]))
    year = datetime.fromisoformat(case["start"]).year
    holidays = [date.fromisoformat(day) for day in given["holidays"]] + [
        date.fromisoformat(f"{y}-{day}") for y in range(year - 1, year + 3) for day in given.get("yearly_holidays", [])
    ]
    return BusinessCalendar(given["tz"], hours, holidays, special)


def instants(pairs: list[list[str]]) -> list[tuple[datetime, datetime]]:
    return [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in pairs]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    calendar, start = calendar_of(case), datetime.fromisoformat(case["start"])
    pauses = instants(case.get("pauses", []))
    if case["op"] == "add_minutes":
        expected = datetime.fromisoformat(case.get("due_if_close", case["exact"]))
        seconds = round(case["minutes"] * 60)
        assert calendar.add(start, seconds, pauses) == expected
    else:
        end = datetime.fromisoformat(case["end"])
        assert calendar.between(start, end, pauses) == round(case["exact"] * 60)


def test_every_case_is_here() -> None:
    assert len(CASES) == 53


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_explanation_adds_up(case: dict[str, Any]) -> None:
    calendar, start = calendar_of(case), datetime.fromisoformat(case["start"])
    end = datetime.fromisoformat(case["end"]) if "end" in case else start + timedelta(days=9)
    pauses = instants(case.get("pauses", []))
    lines = calendar.explain(start, end, pauses)
    assert sum(line.seconds for line in lines if line.counted) == calendar.between(start, end, pauses)
    if end > start:
        assert [line.start for line in lines[1:]] == [line.end for line in lines[:-1]]
        assert (lines[0].start, lines[-1].end) == (start, end)
