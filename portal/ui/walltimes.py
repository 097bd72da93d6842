"""Days and times as clocks on a wall somewhere show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

_FORMATS: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]


class WallTimeField(forms.DateTimeField):
    """A day and time as clocks at some place show it, without a zone; the form gives it one."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(format=_FORMATS[0], attrs={"type": "datetime-local"})
        super().__init__(widget=widget, input_formats=_FORMATS, **kwargs)

    def to_python(self, value: Any) -> Any:
        """The time as typed; the reader's own zone has no part in it."""
        with timezone.override(UTC):
            found = super().to_python(value)
        return None if found is None else found.replace(tzinfo=None)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which clocks in the zone show this; the earlier one of two. Raises OverflowError at the ends of
    time."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
