"""How Excel and PowerPoint write numbers of a unit. Numbers stay as they were frozen: a percent is a ratio, a duration seconds."""

from decimal import Decimal
from typing import Final

from ..blocks import Kind
from ..wording.cells import USUAL

_WITH_DECIMALS: Final = frozenset({"percent", "points", "per_hour"})


def number_of(value: str | int) -> float:
    """The number of a cell or point."""
    return float(Decimal(value))


def step_of(value: str | int, unit: Kind) -> tuple[float, Kind]:
    """A difference as sheets show it: that of two percents in points, as everywhere else; and its unit."""
    return (float(Decimal(value) * 100), "points") if unit == "percent" else (number_of(value), unit)


def number_format(value: str | int, unit: Kind, decimals: int | None = None, *, signed: bool = False) -> str:
    """The number format; `decimals` as frozen, None for what is usual; `signed`: a difference, whose sign is shown."""
    whole = Decimal(value) == Decimal(value).to_integral_value()
    form = _form(unit, decimals, "#,##0" if whole else "#,##0.00")
    return f"+{form};-{form};{form}" if signed else form


def chart_format(unit: Kind, decimals: int | None = None) -> str:
    """The number format of an axis."""
    return _form(unit, decimals, "#,##0.##")


def _form(unit: Kind, decimals: int | None, plain: str) -> str:
    if unit == "seconds":
        return '#,##0" s"'
    if decimals is None and unit not in _WITH_DECIMALS:
        return plain
    places = USUAL if decimals is None else decimals
    digits = f"0.{'0' * places}" if places else "0"
    return f"{digits}%" if unit == "percent" else f"#,##{digits}"
