"""Times and durations as people read them, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

Style = Literal["auto", "time", "date", "full"]

# Chinese names its weekdays 周四 in compact dates; Django's catalogue has 星期四.
_ZH_DAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def is_chinese() -> bool:
    """Whether the reader's language is Chinese."""
    return (get_language() or "").startswith("zh")


def in_zone(at: datetime, zone: str | tzinfo | None = None) -> datetime:
    """The instant in `zone` (an IANA name or tzinfo), or in the viewer's zone."""
    if isinstance(zone, str):
        zone = ZoneInfo(zone)
    return timezone.localtime(at, zone)


def date_text(local: datetime, today: datetime) -> str:
    """`Thu 19 Nov`, with the year instead of the weekday when it is not this one."""
    return _date_text(local.date(), local.year == today.year, get_language())


@lru_cache(maxsize=2048)
def _date_text(day: date, this_year: bool, _language: str | None) -> str:
    if is_chinese():
        text = f"{day.month} 月 {day.day} 日"
        return f"{text} {_ZH_DAYS[day.weekday()]}" if this_year else f"{day.year} 年 {text}"
    return date_format(day, "D j M" if this_year else "j M Y", use_l10n=False)


def day_text(day: date) -> str:
    """`Fri 3 Apr 2026`: weekday and year, for days that are counted."""
    if is_chinese():
        return f"{day.year} 年 {day.month} 月 {day.day} 日 {_ZH_DAYS[day.weekday()]}"
    return date_format(day, "D j M Y", use_l10n=False)


def time_text(at: datetime, style: Style = "auto", zone: str | tzinfo | None = None) -> str:
    """The instant as text: the time if it is today and else the date ("auto"), or as `style` says."""
    local, today = in_zone(at, zone), in_zone(timezone.now(), zone)
    clock = f"{local:%H:%M}"
    if style == "time" or (style == "auto" and local.date() == today.date()):
        return clock
    day = date_text(local, today)
    if style != "full":
        return day
    return f"{day} {clock}" if is_chinese() else f"{day}, {clock}"


def stamp_text(at: datetime, zone: str | tzinfo | None = None) -> str:
    """`Fri 3 Apr 2026, 14:20`: the instant with weekday and year, for what is kept or printed."""
    local = in_zone(at, zone)
    return f"{day_text(local.date())}{' ' if is_chinese() else ', '}{local:%H:%M}"


def placed_text(at: datetime, zone: str = "") -> str:
    """`14 Jan 2027, 23:59 Europe/Lisbon`: the instant by the clocks of a place (the viewer's without one), with the viewer's own
    time where that is another."""
    zone = zone or timezone.get_current_timezone_name()
    there, own = time_text(at, "full", zone), time_text(at, "full")
    if in_zone(at, zone).utcoffset() == in_zone(at).utcoffset():
        return f"{there} {zone}"
    return gettext("%(time)s %(zone)s (%(own)s your time)") % {"time": there, "zone": zone, "own": own}


def duration_text(seconds: float) -> str:
    """A duration in seconds, compact: `45s`, `18m`, `1h 05m`, `3d 4h`; below zero `42m over`."""
    if seconds < 0:
        return gettext("%(time)s over") % {"time": duration_text(-seconds)}
    whole = int(seconds)
    if whole < _MINUTE:
        return gettext("%(s)ds") % {"s": whole}
    if whole < _HOUR:
        return gettext("%(m)dm") % {"m": whole // _MINUTE}
    if whole < _DAY:
        return gettext("%(h)dh %(m)02dm") % {"h": whole // _HOUR, "m": whole % _HOUR // _MINUTE}
    return gettext("%(d)dd %(h)dh") % {"d": whole // _DAY, "h": whole % _DAY // _HOUR}


def target_text(seconds: float) -> str:
    """As `duration_text`, without the zero that a round number of hours or days ends in: `4h`, `2d`."""
    whole = int(seconds)
    if whole >= _DAY and whole % _DAY == 0:
        return gettext("%(d)dd") % {"d": whole // _DAY}
    if _HOUR <= whole < _DAY and whole % _HOUR == 0:
        return gettext("%(h)dh") % {"h": whole // _HOUR}
    return duration_text(whole)


def words() -> dict[str, str]:
    """The sentences that the browser fills in itself, in the reader's language."""
    return {
        "seconds": gettext("%(s)ds"),
        "minutes": gettext("%(m)dm"),
        "hours": gettext("%(h)dh %(m)02dm"),
        "days": gettext("%(d)dd %(h)dh"),
        "over": gettext("%(time)s over"),
        "late": gettext("Due now:"),
        "breached": gettext("Breached:"),
        "announce_late": gettext("Due within minutes: %(what)s"),
        "announce_breached": gettext("Past due: %(what)s"),
        "offline": gettext("No connection. Nothing was saved."),
        "failed": gettext("Something failed on our side. Nothing was saved."),
        "forbidden": gettext("You may not do this."),
        "gone": gettext("This is no longer there, or not yours to see."),
        "conflict": gettext("Not saved. Somebody changed this a moment ago."),
        "busy": gettext("Too many requests at once. Wait a moment."),
        "refused": gettext("Not saved. The server did not accept this."),
        "signed_out": gettext("You were signed out. What you typed is still here: sign in, then send it again."),
        "sign_in": gettext("Sign in"),
        "out_of_date": gettext("Not sent: this page is out of date. Copy what you typed, and load the page again."),
        "somebody_else": gettext("Somebody else is signed in here by now. Nothing was sent."),
        "no_longer": gettext(
            "This is not possible any more. The case beside is as it is now; what you typed is still here."
        ),
        "retry": gettext("Retry"),
        "reload": gettext("Reload"),
        "dismiss": gettext("Dismiss"),
        "copied": gettext("Copied"),
        "kept": gettext("This is what you typed before. Cancel forgets it."),
        "clash": gettext("Somebody changed this meanwhile to: %(value)s"),
        "clash_empty": gettext("Somebody emptied this meanwhile."),
        "clash_keep": gettext("Keep what I typed"),
        "clash_take": gettext("Take theirs"),
        "clash_choose": gettext("Choose first: what you typed, or what somebody saved meanwhile."),
        "open": gettext("Open"),
        "nothing": gettext("Nothing found"),
    }
