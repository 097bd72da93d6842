"""Spans of business time in words."""

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sla.models import CalendarVersion
from sla.queries.calendars import content_of, newest_versions

_HOUR, _DAY = 60, 24 * 60


def span_text(minutes: int) -> str:
    """Minutes as `45m`, `2h`, `1h 30m`, `48h`. Never days: how long a business day is, the calendar says."""
    if minutes < _HOUR:
        return _("%(m)dm") % {"m": minutes}
    if minutes % _HOUR == 0:
        return _("%(h)dh") % {"h": minutes // _HOUR}
    return _("%(h)dh %(m)02dm") % {"h": minutes // _HOUR, "m": minutes % _HOUR}


def business_text(minutes: int, day: int | None = None) -> str:
    """Business time as a sentence has it: `8 business hours`, `1h 30m of business time`, `45 business minutes`.

    Where `day` minutes are a business day: `2 business days`, if it comes out even.
    """
    if day and minutes and minutes % day == 0:
        days = minutes // day
        return ngettext("%(n)d business day", "%(n)d business days", days) % {"n": days}
    if minutes < _HOUR:
        return ngettext("%(n)d business minute", "%(n)d business minutes", minutes) % {"n": minutes}
    if minutes % _HOUR == 0:
        hours = minutes // _HOUR
        return ngettext("%(n)d business hour", "%(n)d business hours", hours) % {"n": hours}
    return _("%(time)s of business time") % {"time": span_text(minutes)}


def business_day(calendar_ids: Collection[int]) -> int | None:
    """How many minutes the usual day of all these calendars has; None where they or their weekdays differ. Two queries."""
    versions = CalendarVersion.objects.filter(pk__in=newest_versions(calendar_ids).values())
    lengths = {_minutes(ranges) for one in versions for ranges in content_of(one).hours.values() if ranges}
    return lengths.pop() if len(lengths) == 1 else None


def _minutes(ranges: Collection[tuple[str, str]]) -> int:
    """Open minutes of a day; a range that runs past midnight ends on the day after."""
    return sum((_clock(end) - _clock(start)) % _DAY or _DAY for start, end in ranges)


def _clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * _HOUR + int(minutes)
