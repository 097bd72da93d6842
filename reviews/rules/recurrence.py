"""On which days meetings of a series fall, and at which instants. Pure: no Django, no database.

A rule of RFC 5545 says the days; the hour is the series' own, on the clock of its zone, so it stays the same through the year.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

#: No series is planned further than this from its first day (days).
LONGEST: Final = 731
#: How far ahead meetings are made (days).
AHEAD: Final = 56
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

RHYTHMS: Final = ("week", "two_weeks", "month", "quarter")


def rule_of(rhythm: str, first: date) -> str:
    """The rule of a rhythm that begins on a day: the same weekday, or the same weekday of the month (a fifth one: the last)."""
    weekday = _WEEKDAYS[first.weekday()]
    nth = (first.day - 1) // 7 + 1
    of_month = f"BYDAY={nth if nth < 5 else -1}{weekday}"
    rules = {
        "week": f"FREQ=WEEKLY;BYDAY={weekday}",
        "two_weeks": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}",
        "month": f"FREQ=MONTHLY;{of_month}",
        "quarter": f"FREQ=MONTHLY;INTERVAL=3;{of_month}",
    }
    return rules[rhythm]


def rhythm_of(rule: str, first: date) -> str | None:
    """Which rhythm a rule is; None for another one."""
    return next((one for one in RHYTHMS if rule_of(one, first) == rule), None)


def days(rule: str, first: date, last: date, *, since: date | None = None) -> list[date]:
    """The days of a rule from `first` to `last`, both included; those before `since` are left out. Raises ValueError for what is no rule."""
    begin = datetime.combine(first, time())
    until = datetime.combine(last, time())
    found = rrulestr(rule, dtstart=begin, ignoretz=True).between(begin, until, inc=True)
    return [moment.date() for moment in found if since is None or moment.date() >= since]


def turning(rhythm: str, first: date) -> date:
    """From which day on a new rhythm counts whose first meeting is on a day: the beginning of that week, or month."""
    return first - timedelta(days=first.weekday()) if rhythm in {"week", "two_weeks"} else first.replace(day=1)


def paired(before: Sequence[date], after: Sequence[date]) -> dict[date, date]:
    """To which new day each old one moves, in order and as little as possible; days of both stay. What is left over of the longer list is left out."""
    both = sorted(set(before) & set(after))
    found = {day: day for day in both}
    for low, high in pairwise([date.min, *both, date.max]):
        old, new = ([day for day in days if low < day < high] for days in (sorted(before), sorted(after)))
        found |= _nearest(old, new) if len(old) <= len(new) else {b: a for a, b in _nearest(new, old).items()}
    return found


def _nearest(few: Sequence[date], many: Sequence[date]) -> dict[date, date]:
    """All of `few` with days of `many`, in order, with the smallest sum of distances."""
    # best[i]: of the pairs so far, the cheapest among the first i days of `many`.
    best: list[tuple[float, tuple[tuple[date, date], ...]]] = [(0, ())] * (len(many) + 1)
    for one in few:
        row: list[tuple[float, tuple[tuple[date, date], ...]]] = [(float("inf"), ())]
        for (cost, pairs), other in zip(best, many, strict=False):
            taken = (cost + abs((other - one).days), (*pairs, (one, other)))
            row.append(min(row[-1], taken, key=lambda found: found[0]))
        best = row
    return dict(best[-1][1])


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A day's hour as an instant (UTC). One that comes twice counts the first time; one that is left out counts as much later as the clock jumps."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def horizon(today: date, last: date) -> date:
    """Up to which day the meetings of a series are made."""
    return min(today + timedelta(days=AHEAD), last)
