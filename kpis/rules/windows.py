"""Over which days a formula is read, and when it settles: both stand in a version's parameters. Pure: no Django, no database."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from .periods import add_months

MOST_MONTHS: Final = 24
# A quarter: for so long a formula of one's own may keep its months from being frozen.
MOST_DAYS: Final = 92
_MONTHS: Final = re.compile(r"([1-9]|1[0-9]|2[0-4]) months")
_DAY: Final = timedelta(days=1)


def months_of(parameters: Mapping[str, Any]) -> int:
    """How many months the figure rolls over, whatever period is shown; 0: it is that of the period itself."""
    found = _MONTHS.fullmatch(str(parameters.get("window", "")))
    return int(found[1]) if found else 0


def written(months: int) -> str:
    """A window as the parameters keep it."""
    return f"{months} months"


def settling_days(parameters: Mapping[str, Any]) -> int:
    """How many days after a day its figure may still change: a repeat within 7 days takes a first-contact resolution back."""
    days = parameters.get("window_days")
    return days if isinstance(days, int) and days > 0 else 0


def first_of(last: date, months: int) -> date:
    """The first of so many months that end with a day: 1 December for the 12 that end on 30 November."""
    end = last + _DAY
    first = add_months(end, -months)
    # A month that is too short for the day begins its window with its own last day.
    days = (add_months(first, 1) - first).days
    return first.replace(day=min(end.day, days))
