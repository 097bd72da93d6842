"""Months in addresses."""

from datetime import date

from ..rules import periods


class MonthConverter:
    """2026-09, as its first day."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The first day. Raises ValueError for no month of 2000 to 2099."""
        found = periods.parse(value)
        if found is None or found.grain != "month":
            raise ValueError(value)
        return found.first

    def to_url(self, value: date | str) -> str:
        """As addresses write it."""
        return value if isinstance(value, str) else f"{value:%Y-%m}"
