"""Times and durations in both languages."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone, translation

from portal.ui.templatetags.ui import capped
from portal.ui.times import duration_text, stamp_text, target_text, time_text

AT = datetime(2026, 11, 19, 6, 20, tzinfo=UTC)  # 14:20 in Shanghai


@pytest.mark.parametrize(
    ("language", "now", "style", "shown"),
    [
        ("en", "2026-11-19T15:00Z", "auto", "14:20"),
        ("en", "2026-11-19T17:00Z", "auto", "Thu 19 Nov"),
        ("en", "2027-01-02T17:00Z", "auto", "19 Nov 2026"),
        ("en", "2026-11-19T15:00Z", "full", "Thu 19 Nov, 14:20"),
        ("en", "2026-11-19T15:00Z", "date", "Thu 19 Nov"),
        ("en", "2027-11-19T15:00Z", "time", "14:20"),
        ("zh-hans", "2026-11-22T15:00Z", "auto", "11 月 19 日 周四"),
        ("zh-hans", "2027-11-22T15:00Z", "auto", "2026 年 11 月 19 日"),
        ("zh-hans", "2026-11-19T15:00Z", "full", "11 月 19 日 周四 14:20"),
    ],
)
def test_instants(language: str, now: str, style: str, shown: str) -> None:
    with time_machine.travel(now, tick=False), timezone.override("Asia/Shanghai"), translation.override(language):
        assert time_text(AT, style) == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "Thu 19 Nov 2026, 14:20"), ("zh-hans", "2026 年 11 月 19 日 周四 14:20")]
)
def test_what_is_kept_has_weekday_and_year_whenever_it_is_read(language: str, shown: str) -> None:
    with time_machine.travel("2026-11-19T15:00Z", tick=False), translation.override(language):
        assert stamp_text(AT, "Asia/Shanghai") == shown


def test_a_site_has_its_own_zone() -> None:
    with time_machine.travel("2026-11-19T06:30Z", tick=False), timezone.override("Asia/Shanghai"):
        assert time_text(AT, "time", "Europe/Lisbon") == "06:20"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0s"),
        (45.9, "45s"),
        (60, "1m"),
        (3599, "59m"),
        (3900, "1h 05m"),
        (86399, "23h 59m"),
        (273600, "3d 4h"),
        (-2520, "42m over"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    with translation.override("en"):
        assert duration_text(seconds) == shown


def test_capped_counts() -> None:
    assert [capped(7), capped(999), capped(1000), capped(100, 100)] == ["7", "999", "1,000+", "100+"]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(7200, "2h"), (172800, "2d"), (5400, "1h 30m"), (90000, "1d 1h"), (1800, "30m"), (0, "0s")]
)
def test_targets_end_in_no_zero(seconds: float, shown: str) -> None:
    with translation.override("en"):
        assert target_text(seconds) == shown
