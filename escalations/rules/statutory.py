"""Until when the law wants an answer: whole days of the jurisdiction, to the end of the last one. Pure: no Django."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Final
from zoneinfo import ZoneInfo

_DAY: Final = timedelta(days=1)
# The last instant that still belongs to a day, as finely as the database keeps it.
_LAST: Final = timedelta(microseconds=1)
# No jurisdiction rests longer than this; beyond it the calendar has no working days.
_LONGEST_REST: Final = 400


class NoWorkingDayError(ValueError):
    """The calendar has no working day on which the term could end."""


@dataclass(frozen=True, slots=True)
class Term:
    """How long the law gives. `next_day`: the day after receipt is the first, else the day of receipt is. `rolls`: a term
    that would end on a day off ends on the next working day."""

    amount: int
    working_days: bool
    next_day: bool = True
    rolls: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a jurisdiction: in which zone they begin and end, and which are worked on."""

    zone: ZoneInfo
    works: Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Count:
    """How a term was counted. `rests`: days off that did not count, from the first of a stretch to its last."""

    received_on: date
    first: date
    rests: tuple[tuple[date, date], ...]
    last_counted: date
    last: date
    due_at: datetime


def statutory_due(received: datetime, term: Term, days: Days) -> datetime:
    """The last instant (UTC) that is in time: the end of the term's last day in the jurisdiction's zone.

    Raises ValueError for a naive instant or a term below one day, NoWorkingDayError without working days.
    """
    return counted(received, term, days).due_at


def counted(received: datetime, term: Term, days: Days) -> Count:
    """As `statutory_due`, with every step on the way."""
    if received.tzinfo is None:
        raise ValueError("an instant needs a zone")
    if term.amount < 1:
        raise ValueError("a term has at least one day")
    received_on = received.astimezone(days.zone).date()
    first = received_on + _DAY if term.next_day else received_on
    rests: list[tuple[date, date]] = []
    last = _worked(first, term.amount, days, rests) if term.working_days else first + _DAY * (term.amount - 1)
    ends = _next_working(last, days) if term.rolls else last
    return Count(received_on, first, tuple(rests), last, ends, end_of(ends, days.zone))


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The last instant of a day in a zone, in UTC; a day that the clocks make longer or shorter ends when it ends."""
    midnight = datetime.combine(day + _DAY, time(), zone)
    return midnight.astimezone(UTC) - _LAST


def _worked(day: date, amount: int, days: Days, rests: list[tuple[date, date]]) -> date:
    """The last of so many working days, the first of which is `day` or the next one after it."""
    for number in range(amount):
        at = day + _DAY if number else day
        day = _next_working(at, days)
        if at < day:
            rests.append((at, day - _DAY))
    return day


def _next_working(day: date, days: Days) -> date:
    """This day if it is worked on, else the next one that is."""
    off = sum(1 for _one in takewhile(lambda one: not days.works(one), _from(day)))
    if off >= _LONGEST_REST:
        raise NoWorkingDayError(f"no working day within {_LONGEST_REST} days of {day}")
    return day + _DAY * off


def _from(day: date) -> Iterator[date]:
    return (day + _DAY * n for n in range(_LONGEST_REST))
