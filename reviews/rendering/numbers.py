"""How Excel and PowerPoint write numbers of a unit. Numbers stay as they were frozen: a percent is a ratio, a duration seconds."""

from decimal import Decimal
from typing import Final

from ..blocks import Kind

_FORMS: Final = {"percent": "0.0%", "seconds": '#,##0" s"', "points": "#,##0.0", "per_hour": "#,##0.0"}


def number_of(value: str | int) -> float:
    """The number of a cell or point."""
    return float(Decimal(value))


def number_format(value: str | int, unit: Kind, *, signed: bool = False) -> str:
    """The number format; `signed`: a difference, whose sign is shown."""
    whole = Decimal(value) == Decimal(value).to_integral_value()
    form = _FORMS.get(unit, "#,##0" if whole else "#,##0.00")
    return f"+{form};-{form};{form}" if signed else form


def chart_format(unit: Kind) -> str:
    """The number format of an axis."""
    return _FORMS.get(unit, "#,##0.##")
