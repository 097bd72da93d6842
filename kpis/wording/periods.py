"""Periods by name: `November 2026`, `Week 46, 2026`, `28 days to 19 Nov 2026`."""

from datetime import date
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.ui.times import is_chinese

if TYPE_CHECKING:
    from ..rules.periods import Period


def day_text(day: date) -> str:
    """`19 Nov 2026`."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日" if is_chinese() else date_format(day, "j M Y", use_l10n=False)


def period_text(period: "Period") -> str:
    """The period's name in the reader's language."""
    match period.grain:
        case "day":
            return day_text(period.first)
        case "week":
            year, week, _day = period.first.isocalendar()
            return _("Week %(week)d, %(year)d") % {"week": week, "year": year}
        case "month":
            return _month(period.first, "F Y")
        case "quarter":
            number = (period.first.month + 2) // 3
            return f"{period.first.year} 年第 {number} 季度" if is_chinese() else f"{period.first.year} Q{number}"
    return _("28 days to %(day)s") % {"day": day_text(period.last)}


def short_text(period: "Period") -> str:
    """The same where room is small."""
    match period.grain:
        case "week":
            return week_text(period.first)
        case "month":
            return _month(period.first, "M Y")
    return period_text(period)


def month_text(day: date) -> str:
    """The month that a day lies in: `October 2026`."""
    return _month(day, "F Y")


def week_text(day: date) -> str:
    """The ISO week of a day: `Wk 46`."""
    return pgettext("ISO week", "Wk %(week)d") % {"week": day.isocalendar().week}


def _month(day: date, style: str) -> str:
    return f"{day.year} 年 {day.month} 月" if is_chinese() else date_format(day, style, use_l10n=False)
