"""By when access must be there, or gone. Instants are aware; sources are named in docs/decisions/access.md."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sla.business_time import BusinessCalendar

# A leaver is out of everything four hours after the end of the last shift (NIST PS-4), a mover has what the new job
# needs within a day (PS-5).
LEAVER_HOURS: Final = 4
MOVER_HOURS: Final = 24
# How far to look for a closing: most sites were open within days, and a holiday lasts three weeks at most.
_LOOK_BACK: Final = (timedelta(days=4), timedelta(days=21))


def ready_by(first_shift_at: datetime, zone: ZoneInfo, calendar: BusinessCalendar | None = None) -> datetime:
    """When a joiner must have everything: at the last closing before the day of the first shift at the site.

    Without a calendar, or if it was not open in the three weeks before: a day before the first shift.
    """
    first_day = first_shift_at.astimezone(zone).date()
    midnight = datetime.combine(first_day, time(), zone)
    if calendar is not None:
        for back in _LOOK_BACK:
            stretches = calendar.explain(midnight - back, midnight)
            closings = [stretch.end for stretch in stretches if stretch.counted]
            if closings:
                return closings[-1]
    return first_shift_at - timedelta(days=1)


def leaver_due(last_shift_at: datetime) -> datetime:
    """When a leaver must be out of everything."""
    return last_shift_at + timedelta(hours=LEAVER_HOURS)


def mover_due(moves_at: datetime) -> datetime:
    """When a mover must have what the new job needs, and nothing of the old one."""
    return moves_at + timedelta(hours=MOVER_HOURS)
