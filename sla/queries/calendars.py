"""Calendars as arithmetic, and as lists."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from json import dumps
from typing import Any
from zoneinfo import available_timezones

from django.db.models import OuterRef, QuerySet, Subquery

from sla.business_time import WEEKDAYS, BusinessCalendar
from sla.choices import OPEN_STATES
from sla.models import Calendar, CalendarVersion, Clock
from sla.queries.memory import remembered

type Hours = Mapping[str, Sequence[tuple[str, str]]]
type Exceptions = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class CalendarContent:
    """Everything that a calendar's version says, stored or not yet."""

    time_zone: str
    hours: Hours
    country: str = ""
    subdivision: str = ""
    exceptions: Exceptions = field(default_factory=dict)
    holidays: Mapping[str, Sequence[str]] = field(default_factory=dict)
    workdays: Sequence[str] = ()

    @property
    def digest(self) -> str:
        """A hash that two contents share only if they are equal."""
        text = dumps(
            [
                self.time_zone,
                _listed(self.hours),
                self.country,
                self.subdivision,
                _listed(self.exceptions),
                {day: list(names) for day, names in self.holidays.items()},
                list(self.workdays),
            ],
            sort_keys=True,
        )
        return sha256(text.encode()).hexdigest()

    def business_calendar(self) -> BusinessCalendar:
        """The arithmetic of it; a make-up day has the hours of the first working weekday. Raises ValueError."""
        usual: Sequence[tuple[str, str]] = next((self.hours[day] for day in WEEKDAYS if self.hours.get(day)), ())
        special = {
            day: usual for day in map(date.fromisoformat, self.workdays) if not self.hours.get(WEEKDAYS[day.weekday()])
        }
        special |= {date.fromisoformat(day): ranges for day, ranges in self.exceptions.items()}
        off = [date.fromisoformat(day) for day in self.holidays]
        return BusinessCalendar(self.time_zone, self.hours, off, special)


def content_of(version: CalendarVersion) -> CalendarContent:
    """What a stored version says."""
    return CalendarContent(
        time_zone=version.time_zone,
        hours=_ranges(version.hours),
        country=version.country,
        subdivision=version.subdivision,
        exceptions=_ranges(version.exceptions),
        holidays=version.holidays,
        workdays=tuple(version.workdays),
    )


# Built once per content and process: a version never changes, and its number means nothing in another database.
_built: dict[str, BusinessCalendar] = {}
_KEPT = 512


def calendars_for(version_ids: Collection[int | None]) -> dict[int, BusinessCalendar]:
    """Business calendars by version id. One query, a second one for those not met before."""
    wanted = frozenset(pk for pk in version_ids if pk is not None)
    return remembered(("calendars", wanted), lambda: _calendars_for(wanted)) if wanted else {}


def _calendars_for(wanted: frozenset[int]) -> dict[int, BusinessCalendar]:
    digests = dict(CalendarVersion.objects.filter(pk__in=wanted).values_list("pk", "digest"))
    missing = [pk for pk, digest in digests.items() if digest not in _built]
    found = {pk: _built[digest] for pk, digest in digests.items() if digest in _built}
    for version in CalendarVersion.objects.filter(pk__in=missing) if missing else ():
        found[version.pk] = _remember(version.digest, content_of(version).business_calendar())
    return found


def _remember(digest: str, calendar: BusinessCalendar) -> BusinessCalendar:
    if len(_built) >= _KEPT:
        _built.clear()
    _built[digest] = calendar
    return calendar


def newest_versions(calendar_ids: Collection[int]) -> dict[int, int]:
    """The id of each calendar's newest version."""
    rows = (
        CalendarVersion.objects.filter(calendar_id__in=calendar_ids)
        .order_by("calendar_id", "-number")
        .distinct("calendar_id")
        .values_list("calendar_id", "pk")
    )
    return dict(rows)


def newest_version(calendar_id: int) -> CalendarVersion:
    """A calendar's newest version. Raises CalendarVersion.DoesNotExist."""
    return CalendarVersion.objects.filter(calendar_id=calendar_id).order_by("-number")[:1].get()


def calendars() -> QuerySet[Calendar, Calendar]:
    """All calendars in use, by name, with their newest version's zone and country."""
    newest = CalendarVersion.objects.filter(calendar=OuterRef("pk")).order_by("-number")
    return (
        Calendar.objects.filter(archived_at=None)
        .annotate(
            time_zone=Subquery(newest.values("time_zone")[:1]),
            country=Subquery(newest.values("country")[:1]),
            subdivision=Subquery(newest.values("subdivision")[:1]),
            number=Subquery(newest.values("number")[:1]),
        )
        .order_by("name", "pk")
    )


def calendar_choices() -> list[tuple[int, str]]:
    """Calendars to choose from, by name."""
    return [(one.pk, one.label) for one in Calendar.objects.filter(archived_at=None).order_by("name", "pk")]


def open_clocks_on(calendar_id: int) -> int:
    """How many open clocks count on any version of a calendar."""
    return Clock.objects.filter(calendar_version__calendar=calendar_id, state__in=OPEN_STATES).count()


@lru_cache(maxsize=1)
def time_zones() -> list[str]:
    """Names of time zones that a calendar may have."""
    places = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
    return ["UTC", *sorted(places)]


def _ranges(stored: Mapping[str, Any]) -> dict[str, tuple[tuple[str, str], ...]]:
    return {day: tuple((begin, end) for begin, end in ranges) for day, ranges in stored.items()}


def _listed(ranges: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, list[list[str]]]:
    return {day: [list(pair) for pair in pairs] for day, pairs in ranges.items()}
