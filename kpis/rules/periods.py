"""Periods as pages name them: 2026-11-19, 2026-W47, 2026-11, 2026-Q4, and `rolling` for the 28 days up to a day."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

ROLLING_DAYS: Final = 28
FIRST_YEAR, LAST_YEAR = 2000, 2099
_DAY = timedelta(days=1)
_PATTERNS: Final = (
    ("day", re.compile(r"(\d{4})-(\d{2})-(\d{2})")),
    ("week", re.compile(r"(\d{4})-W(\d{2})")),
    ("month", re.compile(r"(\d{4})-(\d{2})")),
    ("quarter", re.compile(r"(\d{4})-Q([1-4])")),
    ("rolling", re.compile(r"(\d{4})-(\d{2})-(\d{2})~")),
)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from `first` to `last`, both included. `grain`: day, week (ISO), month, quarter or rolling."""

    grain: str
    first: date
    last: date

    @property
    def key(self) -> str:
        """How addresses and files write it."""
        match self.grain:
            case "day":
                return self.first.isoformat()
            case "week":
                year, week, _day = self.first.isocalendar()
                return f"{year}-W{week:02}"
            case "month":
                return f"{self.first:%Y-%m}"
            case "quarter":
                return f"{self.first.year}-Q{(self.first.month + 2) // 3}"
        return f"{self.last.isoformat()}~"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def previous(self, steps: int = 1) -> "Period":
        """The period of the same grain so many steps before (after, when negative)."""
        match self.grain:
            case "day" | "week" | "rolling":
                length = {"day": 1, "week": 7, "rolling": ROLLING_DAYS}[self.grain]
                return containing(self.grain, self.last - timedelta(days=length * steps))
            case _:
                months = {"month": 1, "quarter": 3}[self.grain]
                return containing(self.grain, add_months(self.first, -months * steps))

    def year_before(self) -> "Period":
        """The same period of the year before; a week is compared with the one 52 weeks earlier, so that weekdays match."""
        match self.grain:
            case "day" | "week" | "rolling":
                return containing(self.grain, self.last - timedelta(weeks=52))
            case _:
                return containing(self.grain, add_months(self.first, -12))


def containing(grain: str, day: date) -> Period:
    """The period of that grain with the day in it; rolling: the 28 days that end with it. Raises ValueError for an unknown grain."""
    match grain:
        case "day":
            return Period(grain, day, day)
        case "week":
            monday = day - timedelta(days=day.weekday())
            return Period(grain, monday, monday + timedelta(days=6))
        case "month":
            first = day.replace(day=1)
            return Period(grain, first, add_months(first, 1) - _DAY)
        case "quarter":
            first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            return Period(grain, first, add_months(first, 3) - _DAY)
        case "rolling":
            return Period(grain, day - timedelta(days=ROLLING_DAYS - 1), day)
    raise ValueError(f"no such grain: {grain}")


def parse(text: str) -> Period | None:
    """The period that an address names; None when it is none, or lies outside 2000 to 2099."""
    for grain, pattern in _PATTERNS:
        if found := pattern.fullmatch(text, 0, 12):
            numbers = [int(group) for group in found.groups()]
            try:
                day = _first_day(grain, numbers)
            except ValueError:
                return None
            return containing(grain, day) if FIRST_YEAR < day.year < LAST_YEAR else None
    return None


def run_up(period: Period, steps: int) -> list[Period]:
    """The `steps` periods up to and with this one, oldest first."""
    return [period.previous(back) for back in range(steps - 1, -1, -1)]


def whole_until(newest: date, today: date) -> date:
    """The last day whose figures are whole: those of today still come in."""
    return min(newest, today - _DAY)


def last_complete_week(until: date) -> Period:
    """The newest week of which all days are there when figures reach to this day."""
    week = containing("week", until)
    return week if week.last <= until else week.previous()


def add_months(first: date, months: int) -> date:
    """The first of the month so many months later (earlier, when negative)."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _first_day(grain: str, numbers: list[int]) -> date:
    match grain:
        case "week":
            return date.fromisocalendar(numbers[0], numbers[1], 1)
        case "month":
            return date(numbers[0], numbers[1], 1)
        case "quarter":
            return date(numbers[0], numbers[1] * 3 - 2, 1)
    return date(*numbers)
