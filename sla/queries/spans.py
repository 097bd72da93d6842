"""Spans of business time in words."""

from django.utils.translation import gettext as _

_HOUR = 60


def span_text(minutes: int) -> str:
    """Minutes as `45m`, `2h`, `1h 30m`, `48h`. Never days: how long a business day is, the calendar says."""
    if minutes < _HOUR:
        return _("%(m)dm") % {"m": minutes}
    if minutes % _HOUR == 0:
        return _("%(h)dh") % {"h": minutes // _HOUR}
    return _("%(h)dh %(m)02dm") % {"h": minutes // _HOUR, "m": minutes % _HOUR}
