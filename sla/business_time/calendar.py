"""The calendar itself.

An instant is open when the wall clock of the calendar's zone stands inside one of that day's
ranges. That one sentence settles daylight saving: a wall time that does not exist cannot be
open, and one that occurs twice is open twice. Everything is computed in whole microseconds of
UTC, 52 weeks at a time; such a span is built once per calendar and then searched by bisection.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from operator import sub
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sla.business_time.ranges import (
    DAY,
    EPOCH_ORDINAL,
    LAST,
    SECOND,
    WEEKDAYS,
    Pauses,
    Range,
    Ranges,
    Reason,
    days,
    instant,
    merged,
    micros,
    overlay,
    segments,
    target_of,
    union,
    wall_ranges,
    zone,
)

_SPAN: Final = 364 * DAY
_SPANS_KEPT: Final = 64


class NeverOpensError(ValueError):
    """The calendar has no opening time left in which a target could be used up."""


class Interval(NamedTuple):
    """A stretch of time, half-open, that counts or does not, and why.

    `reason`: open (counts), hours (outside the day's hours), weekday (no hours on that weekday),
    holiday, special (a date with hours of its own, outside them), paused.
    """

    start: datetime
    end: datetime
    counted: bool
    reason: Reason
    day: date

    @property
    def seconds(self) -> float:
        """Elapsed seconds between both ends."""
        return (self.end - self.start).total_seconds()


@dataclass(slots=True)
class _Span:
    """Open ranges within 52 weeks of UTC; `total[i]` is the open time before the i-th."""

    opens: list[int]
    closes: list[int]
    total: list[int]

    def before(self, at: int) -> int:
        """Open microseconds of this span before `at`."""
        i = bisect_right(self.closes, at)
        if i == len(self.opens) or at <= self.opens[i]:
            return self.total[i]
        return self.total[i] + at - self.opens[i]

    def reaches(self, total: int) -> int:
        """The earliest instant before which `total` microseconds were open."""
        i = bisect_left(self.total, total) - 1
        return self.opens[i] + total - self.total[i]


class BusinessCalendar:
    """Weekly hours in a time zone, less holidays, with dates that have hours of their own.

    `hours` maps "mon".."sun" to ranges such as `("09:00", "17:00")`, `("00:00", "24:00")` or
    `("22:00", "06:00")`; a range that runs past midnight belongs to the day on which it begins.
    `special_days` replaces the hours of a date and wins over `holidays`. A closed date is closed
    from midnight to midnight, the end of last night's range included.

    Raises ValueError for an unknown zone, weekday or wall time.
    """

    def __init__(
        self,
        tz: str | ZoneInfo,
        hours: Mapping[str, Ranges],
        holidays: Iterable[date] = (),
        special_days: Mapping[date, Ranges] | None = None,
    ) -> None:
        self.tz = zone(tz)
        if unknown := set(hours) - set(WEEKDAYS):
            raise ValueError(f"not a weekday: {', '.join(sorted(unknown))}")
        self._week = tuple(wall_ranges(hours.get(day, ())) for day in WEEKDAYS)
        self._special = {d.toordinal(): wall_ranges(r) for d, r in (special_days or {}).items()}
        self._holidays = {d.toordinal() for d in holidays} - self._special.keys()
        self._closed = self._holidays | {d for d, ranges in self._special.items() if not ranges}
        self._last_special = max(self._special, default=0)
        dated = self._special.keys() | self._holidays
        self._uncommon = dated | {day + 1 for day in dated}
        self._common = tuple(self._laid_over(self._week[i], self._week[i - 1]) for i in range(7))
        self._spans: dict[int, _Span] = {}

    def add(self, start: datetime, seconds: float, pauses: Pauses = ()) -> datetime:
        """The UTC instant at which `seconds` of open, unpaused time after `start` are used up.

        A target used up exactly at closing is due at that closing; zero seconds are due at
        `start` if open, else at the next opening. Raises NeverOpensError, and ValueError for a
        negative target, a naive datetime or a result beyond the year 9999.
        """
        at, need = micros(start), target_of(seconds)
        for begin, end in merged(pauses):
            if end <= at:
                continue
            if begin > at:
                if not need:
                    if (opening := self._next_open(at)) < begin:
                        return instant(opening)
                elif need <= (free := self._between(at, begin)):
                    break
                else:
                    need -= free
            at = end
        return instant(self._used_up(at, need) if need else self._next_open(at))

    def between(self, start: datetime, end: datetime, pauses: Pauses = ()) -> float:
        """Open, unpaused seconds from `start` to `end`; 0 if `end` is not after `start`."""
        first, last = micros(start), micros(end)
        if last <= first:
            return 0.0
        total = self._between(first, last)
        for begin, finish in merged(pauses):
            if (lo := max(begin, first)) < (hi := min(finish, last)):
                total -= self._between(lo, hi)
        return total / SECOND

    def explain(self, start: datetime, end: datetime, pauses: Pauses = ()) -> list[Interval]:
        """Every stretch from `start` to `end`, day by day: counted or not, and why."""
        stops = merged(pauses)
        found: list[tuple[int, int, int, Reason]] = []
        for day, lo, hi, reason in self._pieces(micros(start), micros(end)):
            for a, b, why in overlay(lo, hi, reason, stops):
                begin = a
                if found and found[-1][0] == day and found[-1][2:] == (a, why):
                    begin = found.pop()[1]
                found.append((day, begin, b, why))
        return [Interval(instant(a), instant(b), why == "open", why, date.fromordinal(day)) for day, a, b, why in found]

    def works_on(self, day: date) -> bool:
        """Whether work begins on that date: it has hours of its own, or the weekday has and it is no holiday."""
        return bool(self._beginning_on(day.toordinal()))

    # Counting: whole spans by their totals, the ends by bisection.

    def _between(self, first: int, last: int) -> int:
        i, j = first // _SPAN, last // _SPAN
        whole = sum(self._span(n).total[-1] for n in range(i, j))
        return whole + self._span(j).before(last) - self._span(i).before(first)

    def _used_up(self, at: int, need: int) -> int:
        if need > LAST - at:
            raise ValueError("due after the year 9999")
        n = at // _SPAN
        need += self._span(n).before(at)
        while need > (total := self._span(n).total[-1]):
            need -= total
            n = self._next_span(n)
        return self._span(n).reaches(need)

    def _next_open(self, at: int) -> int:
        n = at // _SPAN
        while (i := bisect_right((span := self._span(n)).closes, at)) == len(span.opens):
            n = self._next_span(n)
        return max(at, span.opens[i])

    def _next_span(self, n: int) -> int:
        day = (n + 1) * _SPAN // DAY + EPOCH_ORDINAL
        if not any(self._week) and day > self._last_special + 2:
            raise NeverOpensError("the calendar never opens again")
        if (n + 1) * _SPAN > LAST:
            raise ValueError("due after the year 9999")
        return n + 1

    # Building: constant-offset segments of UTC, the day's wall ranges laid over each.

    def _span(self, n: int) -> _Span:
        if found := self._spans.get(n):
            return found
        if len(self._spans) >= _SPANS_KEPT:
            self._spans.clear()
        opens: list[int] = []
        closes: list[int] = []
        for lo, hi in self._open_ranges(n * _SPAN, (n + 1) * _SPAN):
            if closes and closes[-1] == lo:
                closes[-1] = hi
            else:
                opens.append(lo)
                closes.append(hi)
        total = [0, *accumulate(map(sub, closes, opens))]
        span = self._spans[n] = _Span(opens, closes, total)
        return span

    def _open_ranges(self, first: int, last: int) -> Iterator[Range]:
        for lo, hi, offset in segments(self.tz, first, last):
            for day in days(lo + offset, hi + offset):
                midnight = (day - EPOCH_ORDINAL) * DAY - offset
                for begin, end in self._ranges_on(day):
                    if (a := max(midnight + begin, lo)) < (b := min(midnight + end, hi)):
                        yield a, b

    def _pieces(self, first: int, last: int) -> Iterator[tuple[int, int, int, Reason]]:
        for lo, hi, offset in segments(self.tz, first, last):
            for day in days(lo + offset, hi + offset):
                midnight = (day - EPOCH_ORDINAL) * DAY - offset
                for begin, end, reason in self._day(day):
                    if (a := max(midnight + begin, lo)) < (b := min(midnight + end, hi)):
                        yield day, a, b, reason

    def _day(self, day: int) -> Iterator[tuple[int, int, Reason]]:
        ranges, closed, at = self._ranges_on(day), self._why_closed(day), 0
        for begin, end in ranges:
            if at < begin:
                yield at, begin, closed
            yield begin, end, "open"
            at = end
        if at < DAY:
            yield at, DAY, closed

    def _why_closed(self, day: int) -> Reason:
        if day in self._holidays:
            return "holiday"
        if day in self._special:
            return "special"
        return "hours" if self._week[(day - 1) % 7] else "weekday"

    def _ranges_on(self, day: int) -> Sequence[Range]:
        if day not in self._uncommon:
            return self._common[(day - 1) % 7]
        if day in self._closed:
            return ()
        return self._laid_over(self._beginning_on(day), self._beginning_on(day - 1))

    @staticmethod
    def _laid_over(own: Sequence[Range], night: Sequence[Range]) -> Sequence[Range]:
        """What one date has of its own ranges and of those that the night before runs on into it."""
        return union([(0, end - DAY) for _, end in night if end > DAY] + [(begin, min(end, DAY)) for begin, end in own])

    def _beginning_on(self, day: int) -> Sequence[Range]:
        if day in self._holidays:
            return ()
        ranges = self._special.get(day)
        return self._week[(day - 1) % 7] if ranges is None else ranges
