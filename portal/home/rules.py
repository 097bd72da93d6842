"""How a day is greeted. Pure: no Django, no database."""

from datetime import time
from typing import Literal

PartOfDay = Literal["morning", "afternoon", "evening"]


def part_of_day(local: time) -> PartOfDay:
    """Morning from 05:00, afternoon from 12:00, evening from 18:00 through the night."""
    if time(5) <= local < time(12):
        return "morning"
    return "afternoon" if time(12) <= local < time(18) else "evening"
