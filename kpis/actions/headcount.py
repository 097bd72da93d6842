"""Headcount and leavers, as the directory says: it stands below this wing and cannot hand in by itself."""

from datetime import date, timedelta
from typing import Final

from django.utils import timezone

from partners.queries.figures import headcount_days

from ..models import Figure
from .facts import Row, hand_in
from .handing import asked, follow

SOURCE: Final = "directory"
CURRENT: Final = 2
AGAIN: Final = 35


def hand_in_changes() -> int:
    """Hand in the last days; all days if somebody's employment or place changed meanwhile. Of how many components some differ."""
    return follow(SOURCE, lambda since: _hand_in(date.min if asked(SOURCE) or since is None else _back(CURRENT)))


def hand_in_again(days: int = AGAIN) -> int:
    """The same for the last days, whatever changed."""
    return follow(SOURCE, lambda _since: _hand_in(_back(days)))


def _back(days: int) -> date:
    return timezone.now().date() - timedelta(days=days)


def _hand_in(first: date) -> int:
    now = timezone.now()
    employed: list[Row] = []
    left: list[Row] = []
    for one in headcount_days(first, now):
        employed.append((one.site_id, None, None, one.day, one.headcount))
        left.append((one.site_id, None, None, one.day, one.leavers))
    changed = 0
    for component, rows in (("headcount_days", employed), ("leavers", left)):
        key, days = f"{SOURCE} {now.date()}", _handed_in(component, first)
        changed += hand_in(key=key, component_code=component, rows=rows, days=days) is not None
    return changed


def _handed_in(component: str, first: date) -> list[tuple[int, date]]:
    """Sites' days that have a figure of the directory: there may be none any more, where the first who came is found to have come later."""
    rows = Figure.objects.filter(component__code=component, batch__name__startswith=f"{SOURCE} ", day__gte=first)
    return list(rows.values_list("site_id", "day"))
