"""Times as files write them: in the site's own clock or another, with the hours that a change of clocks doubles or leaves out."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection

from . import lookups
from .cells import Cells
from .schema import CALENDAR, FactsMapping

BLOCK: Final = 20_000
EARLIEST: Final = 2000
AHEAD: Final = timedelta(days=400)


class Time(NamedTuple):
    """An instant and the site's day it is in. `second`: the other instant, where clocks showed that time twice."""

    at: datetime | None = None
    second: datetime | None = None
    day: date | None = None
    seconds: int | None = None
    fault: str | None = None


def resolve(cells: Cells, now: datetime) -> bool:
    """Set down what each different time of the file is; whether one is of an hour that comes twice."""
    twice = False
    with connection.cursor() as cursor:
        cursor.execute(lookups.ZONES)
        zones = cursor.fetchone()[0]
    with connection.chunked_cursor() as cursor:
        cursor.execute(lookups.said_times(cells, zones), cells.params)
        while block := cursor.fetchmany(BLOCK):
            rows = [(zone, said, *understood(cells.mapping, zone, said, now)) for zone, said in block]
            twice = twice or any(row[3] for row in rows)
            with connection.cursor() as other, other.copy(lookups.COPY_TIME) as copy:
                for row in rows:
                    copy.write_row(row)
    return twice


def understood(mapping: FactsMapping, zone: str, text: str, now: datetime) -> Time:
    """What a text says at a site in this time zone."""
    if not text:
        return Time(fault="missing")
    naive = _read(mapping.base.dates, text)
    if naive is None:
        return Time(fault="not_a_time")
    if not EARLIEST < naive.year < 2100 or (naive.replace(tzinfo=None) - now.replace(tzinfo=None)) > AHEAD:
        return Time(fault="out_of_years")
    site = _zone(zone)
    if mapping.shape.at == "day":
        return Time(naive.replace(tzinfo=naive.tzinfo or site), day=naive.date())
    length = mapping.interval if mapping.shape.lasts else None
    return _placed(naive, mapping.base.zone if not mapping.local else site, site, length, mapping.shape.lasts)


def _placed(said: datetime, zone: ZoneInfo, site: ZoneInfo, length: int | str | None, lasts: bool) -> Time:
    if said.tzinfo is not None:
        return _timed(said.astimezone(UTC), None, site, length)
    first, second = (said.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if length in CALENDAR or first == second:
        return _timed(first, None, site, length)
    if first.astimezone(zone).replace(tzinfo=None) != said:
        return Time(fault="no_such_hour")
    return _timed(first, second if lasts else None, site, length)


def _timed(at: datetime, second: datetime | None, site: ZoneInfo, length: int | str | None) -> Time:
    local = at.astimezone(site)
    seconds = length * 60 if isinstance(length, int) else None
    if length in CALENDAR:
        day = local.date() + timedelta(days=32 if length == "month" else 1)
        upper = datetime.combine(day.replace(day=1) if length == "month" else day, datetime.min.time(), site)
        if local.time() != datetime.min.time() or (length == "month" and local.day != 1):
            return Time(fault="not_a_start")
        seconds = int((upper.astimezone(UTC) - at).total_seconds())
    return Time(at, second, local.date(), seconds)


def _read(forms: tuple[str, ...], text: str) -> datetime | None:
    for form in forms:
        try:
            if form != "iso":
                return datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows
            # A bare number is a count, whatever else ISO 8601 would take it for.
            if len(text) >= 10 and text[4] == "-":
                return datetime.fromisoformat(text)
        except ValueError:
            continue
    return None


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
