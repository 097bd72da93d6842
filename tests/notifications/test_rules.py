"""When a mail goes, over time zones and changes of the clock; and how long a failed one waits."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.notifications.rules import EVENING, MORNING, mail_time, retry_delay, zone_or_utc


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "goes"),
    [
        # Midday in Shanghai: in the next slot of five minutes that leaves a minute for what belongs together.
        ("Asia/Shanghai", "2026-11-19T06:01:10", "2026-11-19T06:05:00"),
        ("Asia/Shanghai", "2026-11-19T06:04:30", "2026-11-19T06:10:00"),
        ("Asia/Shanghai", "2026-11-19T06:04:00", "2026-11-19T06:05:00"),
        # Midnight and just before eight: the same morning. Eight itself is morning.
        ("Asia/Shanghai", "2026-11-18T16:00:00", "2026-11-19T00:00:00"),
        ("Asia/Shanghai", "2026-11-18T23:56:00", "2026-11-19T00:00:00"),
        ("Asia/Shanghai", "2026-11-18T23:59:30", "2026-11-19T00:05:00"),
        # The evening: up to 19:55; from 20:00 on the next morning.
        ("Asia/Shanghai", "2026-11-19T11:54:00", "2026-11-19T11:55:00"),
        ("Asia/Shanghai", "2026-11-19T11:56:00", "2026-11-20T00:00:00"),
        # Clocks go forward in Berlin in the night to 29 March 2026, and back in the night to 25 October.
        ("Europe/Berlin", "2026-03-28T22:00:00", "2026-03-29T06:00:00"),
        ("Europe/Berlin", "2026-03-27T22:00:00", "2026-03-28T07:00:00"),
        ("Europe/Berlin", "2026-10-24T22:00:00", "2026-10-25T07:00:00"),
        ("Europe/Berlin", "2026-10-25T00:30:00", "2026-10-25T07:00:00"),
        ("Europe/Berlin", "2026-10-25T01:30:00", "2026-10-25T07:00:00"),
        # Half and quarter hours, and the far side of the date line.
        ("Asia/Kathmandu", "2026-11-19T20:00:00", "2026-11-20T02:15:00"),
        ("Australia/Lord_Howe", "2026-11-19T12:00:00", "2026-11-19T21:00:00"),
        ("Pacific/Kiritimati", "2026-11-19T09:00:00", "2026-11-19T18:00:00"),
        ("America/Bogota", "2026-11-19T02:00:00", "2026-11-19T13:00:00"),
        # Samoa had no 30 December 2011: whoever would have been written to on that morning is, on the next.
        ("Pacific/Apia", "2011-12-30T07:00:00", "2011-12-30T18:00:00"),
    ],
)
def test_what_is_not_urgent_goes_in_the_readers_day(zone: str, now: str, goes: str) -> None:
    assert mail_time(at(now), ZoneInfo(zone), urgent=False) == at(goes)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_what_is_urgent_goes_after_half_a_minute_at_any_hour(hour: int) -> None:
    now = at(f"2026-11-19T{hour:02}:00:00")
    assert mail_time(now, ZoneInfo("Europe/Berlin"), urgent=True) == now + timedelta(seconds=30)


@given(
    st.integers(1_577_836_800, 2_114_380_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(
        ["America/St_Johns", "Asia/Manila", "Asia/Tokyo", "Europe/Dublin", "Africa/Cairo", "America/Santiago"]
    ),
)
def test_never_at_night_never_before_the_event_never_more_than_a_night_later(now: datetime, zone: str) -> None:
    goes = mail_time(now, ZoneInfo(zone), urgent=False)
    assert MORNING <= goes.astimezone(ZoneInfo(zone)).time() < EVENING
    assert timedelta(seconds=60) <= goes - now <= timedelta(hours=13, minutes=10)


def test_a_zone_that_nobody_knows_counts_as_utc() -> None:
    for name in ("Mars/Olympus", "", "../etc/passwd", "\0"):
        assert zone_or_utc(name).key == "UTC"


def test_waits_double_up_to_an_hour_and_are_spread() -> None:
    middle = [round(retry_delay(attempt, lambda: 0.5)) for attempt in range(1, 13)]
    assert middle == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]
    assert (retry_delay(1, lambda: 0.0), retry_delay(1, lambda: 1.0)) == (26.25, 33.75)
