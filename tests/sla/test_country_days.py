"""Holidays and make-up working days of countries, and how a calendar opens on them."""

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sla.actions import resolved
from sla.country_days import countries, country_days, horizon, last_published, subdivisions
from tests.factories.sla import OFFICE

SHANGHAI = ZoneInfo("Asia/Shanghai")


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.shared
def test_china_is_right_on_every_day(shared_dir: Path) -> None:
    """All year files together: a file sets days of its neighbours."""
    said: dict[date, bool] = {}
    for path in sorted((shared_dir / "data" / "holidays_east_asia").glob("holiday-cn-*.json")):
        said |= {date.fromisoformat(day["date"]): day["isOffDay"] for day in json.loads(path.read_text())["days"]}
    calendar = resolved(
        time_zone="Asia/Shanghai", hours=OFFICE, country="CN", today=date(2026, 11, 21)
    ).business_calendar()
    wrong = []
    for day in days(date(2018, 1, 1), date(2026, 12, 31)):
        off = said.get(day, day.weekday() >= 5)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
        if (calendar.between(noon, noon + timedelta(hours=1)) == 0) != off:
            wrong.append(day)
    assert wrong == []
    assert len(said) > 300


@pytest.mark.shared
def test_other_countries_are_as_listed(shared_dir: Path) -> None:
    listed: dict[str, set[str]] = {}
    with (shared_dir / "data" / "holidays_east_asia" / "python_holidays_2018_2026.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            listed.setdefault(row["country"], set()).add(row["date"])
    assert {"JP", "KR", "SG"} <= set(listed)
    for country, expected in listed.items():
        found = set(country_days(country, "", range(2018, 2027)).holidays)
        assert found == expected, country


def test_a_make_up_saturday_has_office_hours() -> None:
    calendar = resolved(
        time_zone="Asia/Shanghai", hours=OFFICE, country="CN", today=date(2026, 11, 21)
    ).business_calendar()
    saturday = datetime(2026, 10, 10, tzinfo=SHANGHAI)
    assert calendar.between(saturday, saturday + timedelta(days=1)) == 8 * 3600
    assert calendar.between(saturday + timedelta(days=7), saturday + timedelta(days=8)) == 0


def test_an_own_date_wins_over_a_holiday() -> None:
    content = resolved(
        time_zone="Asia/Shanghai", hours=OFFICE, country="CN", today=date(2026, 11, 21),
        exceptions={"2026-10-01": [("10:00", "12:00")], "2026-10-10": []},
    )  # fmt: skip
    calendar = content.business_calendar()
    first, made_up = datetime(2026, 10, 1, tzinfo=SHANGHAI), datetime(2026, 10, 10, tzinfo=SHANGHAI)
    assert calendar.between(first, first + timedelta(days=1)) == 7200
    assert calendar.between(made_up, made_up + timedelta(days=1)) == 0


def test_years_that_are_not_announced_have_the_statutory_days() -> None:
    assert last_published("CN") == 2026
    assert last_published("JP") is None
    found = country_days("CN", "", [2027])
    assert found.holidays["2027-10-01"] == ("National Day", "国庆节")
    assert found.workdays == ()


def test_names_of_countries_and_regions() -> None:
    assert {"CN", "JP", "MY", "US"} <= set(countries())
    assert "CA" in subdivisions("US")
    assert subdivisions("XX") == []
    assert len(country_days("US", "CA", [2026]).holidays) > len(country_days("US", "", [2026]).holidays)
    assert country_days("", "", [2026]).holidays == {}
    assert list(horizon(date(2026, 1, 1)))[0::17] == [2014, 2031]


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("MY", "ZZ"), ("../", "")])
def test_unknown_places(country: str, region: str) -> None:
    with pytest.raises(ValueError, match="no holidays are known"):
        country_days(country, region, [2026])
