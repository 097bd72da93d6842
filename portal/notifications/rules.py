"""When a mail goes, and when a failed one is tried again. Pure: no Django, no database."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

URGENT_DELAY = timedelta(seconds=30)
QUIET_DELAY = timedelta(seconds=60)
SLOT = timedelta(minutes=5)
MORNING = time(8)
EVENING = time(20)

MAX_ATTEMPTS = 12
FIRST_RETRY = 30.0  # seconds
LONGEST_RETRY = 3600.0  # seconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of this name; UTC for a name that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def mail_time(now: datetime, zone: ZoneInfo, *, urgent: bool) -> datetime:
    """The instant (UTC) at which a mail about something that happened `now` may go to a person living in `zone`.

    Urgent: half a minute later, at any hour, so that what belongs together is in it. Everything else: in the next slot
    of five minutes, if that lies between 08:00 and 20:00 of the person's day; otherwise at their next 08:00.
    """
    if urgent:
        return (now + URGENT_DELAY).astimezone(UTC)
    due = _next_slot(now + QUIET_DELAY)
    local = due.astimezone(zone)
    if MORNING <= local.time() < EVENING:
        return due
    day = local.date() if local.time() < MORNING else local.date() + timedelta(days=1)
    return datetime.combine(day, MORNING, zone).astimezone(UTC)


def _next_slot(moment: datetime) -> datetime:
    """The first multiple of SLOT that is not before `moment`."""
    slots = -((_EPOCH - moment) // SLOT)
    return _EPOCH + slots * SLOT


def retry_delay(attempts: int, draw: Callable[[], float]) -> float:
    """Seconds until the next attempt after `attempts` failed ones: doubling, capped, and spread by up to a quarter.

    `draw` gives a ratio 0..1 (random.random).
    """
    delay = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(attempts - 1, 16))
    return delay * (0.875 + 0.25 * draw())
