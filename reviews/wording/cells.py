"""Cells and points of a pack's blocks as they are read, the same on the page, in the PDF and in mail: `84.6%`, `9:12`, `+1.4`."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kpis.rules.periods import parse
from kpis.wording.periods import day_text, period_text, short_text
from kpis.wording.values import NOTHING, step_text, value_text
from portal.audit.wording import listed, statements
from portal.ui.charts import formats
from portal.ui.times import date_text, in_zone, is_chinese

from ..blocks import Cell, Column, Kind, Point, Row, Series, Text
from .packs import told

SIGNALS: Final = {
    "outside": gettext_lazy("Outside the control limits"),
    "near": gettext_lazy("3 of 4 near a control limit"),
    "run": gettext_lazy("8 in a row on one side of the mean"),
}
RAGS: Final = {
    "r": pgettext_lazy("colour of a light", "Red"), "a": pgettext_lazy("colour of a light", "Amber"),
    "g": pgettext_lazy("colour of a light", "Green"), "n": gettext_lazy("Not judged"),
}  # fmt: skip
# Decimals of what was frozen without saying how many.
USUAL: Final = 1
STAR: Final = "*"
_MOST_DECIMALS: Final = 4
_STEPS: Final = 4
# Texts stand at the left, what can be compared at the right.
WRITTEN: Final = frozenset({"text", "day", "instant", "period", "rag"})


def unit_of(column: Column, row: Row | None = None) -> Kind:
    """The unit of a cell: its column's, or its row's where units differ by row."""
    if column.kind in {"number", "change"} and row is not None and row.unit:
        return row.unit
    return column.unit if column.kind == "change" else column.kind


def decimals_of(column: Column, row: Row | None = None) -> int | None:
    """How many decimals a cell shows: those of its row's KPI, of its column's, or None for what is usual."""
    if column.kind in {"number", "change"} and row is not None and row.unit:
        return row.decimals
    return column.decimals


def cell_text(cell: Cell, column: Column, row: Row | None = None, zone: str | None = None) -> str:
    """A cell in words; a dash for none. `zone`: the clock of instants, else the reader's."""
    if cell is None:
        return NOTHING
    if isinstance(cell, Text):
        return told(cell)
    if column.kind in WRITTEN:
        return _written(str(cell), column.kind, zone)
    if column.kind == "change":
        return step_text(Decimal(str(cell)), unit_of(column, row), _known(decimals_of(column, row)))
    # A whole number is a count, whatever the row's unit.
    if isinstance(cell, int):
        return formats.plain(float(cell))
    return number_text(cell, unit_of(column, row), decimals_of(column, row))


def number_text(value: str | None, unit: Kind, decimals: int | None = None) -> str:
    """An exact decimal in its unit, with so many decimals, or as is usual for the unit."""
    if value is None:
        return NOTHING
    if decimals is None and unit in {"number", "money"}:
        return formats.plain(float(value))
    return value_text(Decimal(value), unit, _known(decimals))


def _known(decimals: int | None) -> int:
    return USUAL if decimals is None else decimals


def axis_text(value: float, unit: Kind, decimals: int | None = None) -> str:
    """The same for what an axis or a limit of a chart says."""
    return number_text(str(round(value, 6)), unit, decimals)


def axis_decimals(series: Series) -> int | None:
    """As many decimals as its values have, or so many more that the steps of its axis differ."""
    decimals = USUAL if series.decimals is None and series.unit == "percent" else series.decimals
    if decimals is None or series.unit == "seconds":
        return series.decimals
    drawn = (*(one.value for one in series.points), series.target)
    known = [Decimal(one) for one in drawn if one is not None]
    spread = (max(known) - min(known)) * (100 if series.unit == "percent" else 1) if known else Decimal(0)
    # Axes have five steps or so. A level line has no steps to tell apart.
    more = (places for places in range(decimals, _MOST_DECIMALS) if spread * 10**places >= _STEPS)
    return next(more, _MOST_DECIMALS) if spread else decimals


def period_name(key: str, *, short: bool = False) -> str:
    """A period by its key, in words; the key itself for one that is none."""
    period = parse(key)
    if period is None:
        return key
    return short_text(period) if short else period_text(period)


def point_name(point: Point) -> str:
    """A point's period where room is small; a star marks what may still change (`star_text`)."""
    return f"{period_name(point.period, short=True)}{STAR if point.provisional else ''}"


def month_and_year(point: Point) -> tuple[str, str] | None:
    """A month by itself (with its star) and its year, for months that stand below their years; None for other periods."""
    period = parse(point.period)
    if period is None or period.grain != "month":
        return None
    star, first = STAR if point.provisional else "", period.first
    if is_chinese():
        return f"{first.month} 月{star}", f"{first.year} 年"
    return f"{date_format(first, 'M', use_l10n=False)}{star}", str(first.year)


def star_text(series: Series) -> str:
    """What the star at some periods of a series says, and at which, for not each is written below a chart; empty where none has one."""
    late = [period_name(one.period, short=True) for one in series.points if one.provisional]
    return _("Period (* provisional: %(periods)s)") % {"periods": listed(late)} if late else ""


def signal_text(codes: Sequence[str]) -> str:
    """Signals of a control chart, in words."""
    return statements(SIGNALS.get(code, code) for code in codes)


def reading_of(series: Series) -> str:
    """A series in one sentence, for whoever does not see the chart."""
    known: list[Point] = [one for one in series.points if one.value is not None]
    if not known:
        return str(_("No values."))
    last = known[-1]
    value = number_text(last.value, series.unit, series.decimals)
    if last.provisional:
        value = told(Text(code="line.provisional", params={"kpi": value}))
    facts = {"period": period_name(last.period), "value": value}
    if series.target is None:
        return str(_("%(period)s: %(value)s.") % facts)
    return str(_("%(period)s: %(value)s against a target of %(target)s.") % (
        facts | {"target": number_text(series.target, series.unit, series.decimals)}
    ))  # fmt: skip


def _written(value: str, kind: Kind, zone: str | None) -> str:
    match kind:
        case "day":
            return day_text(date.fromisoformat(value))
        case "instant":
            local = in_zone(datetime.fromisoformat(value), zone)
            return f"{date_text(local, local)} {local:%H:%M}"
        case "period":
            return period_name(value)
        case "rag":
            return str(RAGS.get(value, value))
    return value
