"""Each KPI over time: the last weeks with the limits of their control chart, and the last months."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from kpis.queries import Scope as Places
from kpis.queries import figures
from kpis.queries.trends import weekly
from kpis.rules.control import Control
from kpis.rules.formulas import Reading
from kpis.rules.periods import Period, add_months, containing, last_complete_week, run_up
from kpis.rules.scoring import Terms
from kpis.rules.signals import limits_of
from partners import queries as directory

from ...blocks import Block, Note, Point, Series
from .context import Built, Context, number, said
from .judging import KpiLine
from .reading import WEEKS

SHOWN_WEEKS: Final = 6
SHOWN_MONTHS: Final = 12


def build(context: Context) -> Built:
    """Two series per KPI that had any figure."""
    weeks, months = context.option("weeks", SHOWN_WEEKS, WEEKS), context.option("months", SHOWN_MONTHS, 24)
    blocks = _of_site(context, weeks, months) if context.one_site else _of_all(context, weeks, months)
    return Built(blocks or [Note("nothing", said("trends.nothing"))])


def _of_site(context: Context, weeks: int, months: int) -> list[Block]:
    (judged,) = context.judged.values()
    kpis = [line.kpi for line in judged.lines]
    read = _months(context, kpis, months, judged.card.pins if judged.card else {})
    today = directory.site_today(judged.site)
    blocks: list[Block] = []
    for line in judged.lines:
        terms = line.score.terms if line.score else None
        blocks += _known(
            _weeks(line.kpi, judged.weeks, line.weeks, line.control, weeks, terms, today),
            _months_of(line.kpi, context.period, months, read, terms, today),
        )
    return blocks


def _of_all(context: Context, weeks: int, months: int) -> list[Block]:
    """All sites together, by the formulas in force; without targets, which differ by contract."""
    lines: dict[int, KpiLine] = {line.kpi.pk: line for one in context.judged.values() for line in one.lines}
    kpis = sorted((line.kpi for line in lines.values()), key=lambda kpi: (kpi.position, kpi.name))
    if not kpis:
        return []
    run = run_up(last_complete_week(context.period.last), WEEKS)
    read, by_month = weekly(_places(context), kpis, run).get((), {}), _months(context, kpis, months, {})
    # Where the day begins last a figure may change the longest.
    today = min(directory.site_today(site) for site in context.sites)
    blocks: list[Block] = []
    for kpi in kpis:
        readings = [one or Reading(why="no_data") for one in read.get(kpi.code, [None] * len(run))]
        control = limits_of(readings, kpi.unit)
        blocks += _known(
            _weeks(kpi, run, readings, control, weeks, None, today),
            _months_of(kpi, context.period, months, by_month, None, today),
        )
    return blocks


def _known(*series: Series) -> Sequence[Series]:
    """The series of a KPI; none where it had no figure in all that time."""
    return series if any(point.value is not None for one in series for point in one.points) else ()


def _weeks(
    kpi: Any, weeks: Sequence[Period], readings: Sequence[Reading], control: Control, shown: int, terms: Terms | None,
    today: date,
) -> Series:  # fmt: skip
    points = [
        _point(week.key, reading, today, next((one.kind for one in control.signals_at(at)), ""))
        for at, (week, reading) in enumerate(zip(weeks, readings, strict=True))
    ]
    segment = next((one for one in reversed(control.segments) if one.last == len(weeks) - 1), None)
    return Series(
        f"{kpi.code}:weeks", said("trends.weeks", kpi=_names(kpi)), kpi.unit, points[-shown:], decimals=kpi.decimals,
        target=number(terms.target) if terms else None, target_high=number(terms.target_high) if terms else None,
        mean=_limit(segment.mean) if segment else None, lower=_limit(segment.low) if segment else None,
        upper=_limit(segment.high) if segment else None,
    )  # fmt: skip


def _months_of(kpi: Any, period: Period, shown: int, read: Any, terms: Terms | None, today: date) -> Series:
    run = run_up(containing("month", period.last), shown)
    points = [_point(one.key, read.get((one.first,), {}).get(kpi.code, Reading()), today) for one in run]
    return Series(
        f"{kpi.code}:months", said("trends.months", kpi=_names(kpi)), kpi.unit, points, decimals=kpi.decimals,
        target=number(terms.target) if terms else None, target_high=number(terms.target_high) if terms else None,
    )  # fmt: skip


def _months(context: Context, kpis: Sequence[Any], shown: int, pins: Any) -> Any:
    """Readings by month; of the last one as far as the period reaches."""
    first = add_months(containing("month", context.period.last).first, 1 - shown)
    return figures(_places(context), kpis, first, context.period.last, ("month",), pins=pins) if kpis else {}


def _places(context: Context) -> Places:
    return Places(frozenset(context.site_ids))


def _point(period: str, reading: Reading, today: date, signal: str = "") -> Point:
    value, late = number(reading.value), reading.is_provisional(today)
    return Point(period, value, reading.n, number(reading.low), number(reading.high), signal, provisional=late)


def _names(kpi: Any) -> dict[str, str]:
    return {"en": kpi.name, "zh": kpi.name_zh}


def _limit(value: float) -> str | None:
    """A limit of a control chart, which is a float, to six decimals."""
    return number(Decimal(str(round(value, 6))))
