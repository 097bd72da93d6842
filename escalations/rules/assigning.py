"""Who gets the next case: on duty, with the skill, the least loaded, never above their cap.

A load is the sum of the weights of a person's open cases: an S1 weighs as much as eight S4.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

WEIGHTS: Final[Mapping[int, int]] = MappingProxyType({1: 8, 2: 4, 3: 2, 4: 1})

#: What somebody was given lately counts for so long, between people of the same load.
LATELY: Final = timedelta(days=7)

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shift:
    """Working hours of a weekday (0 is Monday) in the person's zone. An end not after the start lies on the next day."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case asks of its owner. `issues`: its issue type and those above it. `language`: "" if not known."""

    weight: int
    issues: frozenset[int] = frozenset()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may own cases of the service. No issues or languages named: whatever comes. `cap` None: no limit.

    `load`: the weight of their open cases; `lately`: of what they were given within `LATELY`.
    """

    id: int
    load: int
    cap: int | None = None
    on_duty: bool = True
    issues: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    lately: int = 0


def on_duty(shifts: Iterable[Shift], away: Collection[date], zone: ZoneInfo, at: datetime) -> bool:
    """Whether the instant lies in a shift. A shift belongs to the local day it begins on; nobody works on days away."""
    today = at.astimezone(zone).date()
    days = [day for day in (today - _ONE_DAY, today) if day not in away]
    return any(_holds(shift, day, zone, at) for shift in shifts for day in days if day.weekday() == shift.weekday)


def next_duty(
    shifts: Iterable[Shift], away: Collection[date], zone: ZoneInfo, at: datetime, within: timedelta
) -> datetime | None:
    """When the next shift begins, if that is within this time; a shift under way does not count."""
    today = at.astimezone(zone).date()
    days = [day for n in range(within.days + 2) if (day := today + n * _ONE_DAY) not in away]
    begins = (datetime.combine(day, one.starts, zone) for day in days for one in shifts if one.weekday == day.weekday())
    return min((start for start in begins if at < start <= at + within), default=None)


def _holds(shift: Shift, day: date, zone: ZoneInfo, at: datetime) -> bool:
    last = day if shift.ends > shift.starts else day + _ONE_DAY
    return datetime.combine(day, shift.starts, zone) <= at.astimezone(UTC) < datetime.combine(last, shift.ends, zone)


def unfit(one: Candidate, wanted: Wanted) -> str:
    """Why not this person: a value of `choices.Unfit`, or "" if they can take it."""
    if not one.on_duty:
        return "off_duty"
    if one.issues and wanted.issues and not one.issues & wanted.issues:
        return "other_issues"
    if one.languages and wanted.language and wanted.language not in one.languages:
        return "other_language"
    return "at_cap" if one.cap is not None and one.load + wanted.weight > one.cap else ""


def pick(candidates: Sequence[Candidate], wanted: Wanted) -> Candidate | None:
    """The least loaded of those who can take it; of equals whoever was given least of late. None if nobody can."""
    able = [one for one in candidates if not unfit(one, wanted)]
    return min(able, key=lambda one: (one.load, one.lately, one.id), default=None)


def weight_of(severity: int) -> int:
    """What an open case of this severity (1 to 4) adds to a load."""
    return WEIGHTS[severity]
