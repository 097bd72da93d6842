"""Instants and wall times as whole microseconds, and ranges of them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

type Ranges = Sequence[tuple[str, str]]
type Pauses = Iterable[tuple[datetime, datetime]]
type Reason = Literal["open", "hours", "weekday", "holiday", "special", "paused"]
type Range = tuple[int, int]

SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND
WALL: Final = re.compile(r"([0-2]\d):([0-5]\d)(?::([0-5]\d))?")
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_ORDINAL: Final = EPOCH.toordinal()
MICROSECOND: Final = timedelta(microseconds=1)
FIRST: Final = (datetime.min.replace(tzinfo=UTC) - EPOCH) // MICROSECOND
LAST: Final = (datetime.max.replace(tzinfo=UTC) - EPOCH) // MICROSECOND


def zone(tz: str | ZoneInfo) -> ZoneInfo:
    if isinstance(tz, ZoneInfo):
        return tz
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone: {tz!r}") from error


def micros(at: datetime) -> int:
    if at.utcoffset() is None:
        raise ValueError("a datetime without a time zone")
    return (at - EPOCH) // MICROSECOND


def instant(at: int) -> datetime:
    if at > LAST:
        raise ValueError("due after the year 9999")
    return EPOCH + timedelta(microseconds=at)


def target_of(seconds: float) -> int:
    if not seconds >= 0:
        raise ValueError("a target cannot be negative")
    if seconds > LAST / SECOND:
        raise ValueError("due after the year 9999")
    return round(seconds * SECOND)


@lru_cache(maxsize=2048)
def segments(tz: ZoneInfo, first: int, last: int) -> tuple[tuple[int, int, int], ...]:
    """Stretches (begin, end, UTC offset) of constant offset; changes are looked for once a day."""
    found = []
    lo, offset = first, _offset(tz, first)
    for day in range(first + DAY, last + DAY, DAY):
        at = min(day, last - 1)
        while _offset(tz, at) != offset:
            change = _change(tz, lo, at, offset)
            found.append((lo, change, offset))
            lo, offset = change, _offset(tz, change)
    if lo < last:
        found.append((lo, last, offset))
    return tuple(found)


def _change(tz: ZoneInfo, before: int, after: int, offset: int) -> int:
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(tz, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(tz: ZoneInfo, at: int) -> int:
    inside = min(max(at, FIRST + 2 * DAY), LAST - 2 * DAY)
    offset = instant(inside).astimezone(tz).utcoffset()
    return offset // MICROSECOND if offset else 0


def days(first: int, last: int) -> range:
    """Ordinals of the local dates between two local instants, within the calendar's years."""
    return range(
        max(first // DAY + EPOCH_ORDINAL, 1),
        min((last - 1) // DAY + EPOCH_ORDINAL, date.max.toordinal()) + 1,
    )


def wall_ranges(ranges: Ranges) -> tuple[Range, ...]:
    found = []
    for begin, end in ranges:
        lo, hi = wall(begin), wall(end)
        if lo in (hi, DAY):
            raise ValueError(f"not a range of hours: {begin}-{end}")
        found.append((lo, hi if hi > lo else hi + DAY))
    return union(found)


def wall(text: str) -> int:
    match = WALL.fullmatch(text)
    if not match:
        raise ValueError(f"not a wall time from 00:00 to 24:00: {text!r}")
    hour, minute, second = (int(part or 0) for part in match.groups())
    at = ((hour * 60 + minute) * 60 + second) * SECOND
    if at > DAY:
        raise ValueError(f"not a wall time from 00:00 to 24:00: {text!r}")
    return at


def merged(pauses: Pauses) -> tuple[Range, ...]:
    ranges = [(micros(begin), micros(end)) for begin, end in pauses]
    if any(end < begin for begin, end in ranges):
        raise ValueError("a pause ends before it begins")
    return union([(begin, end) for begin, end in ranges if begin < end])


def union(ranges: list[Range]) -> tuple[Range, ...]:
    found: list[Range] = []
    for begin, end in sorted(ranges):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def overlay(lo: int, hi: int, reason: Reason, stops: Sequence[Range]) -> Iterator[tuple[int, int, Reason]]:
    """Cut the paused parts out of an open stretch; what is closed anyway stays closed."""
    if reason == "open":
        for begin, end in stops:
            if end <= lo or begin >= hi:
                continue
            if lo < begin:
                yield lo, begin, "open"
            yield max(lo, begin), min(end, hi), "paused"
            lo = min(end, hi)
    if lo < hi:
        yield lo, hi, reason
