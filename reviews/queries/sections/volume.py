"""How many contacts were offered, against the forecast where somebody handed one in."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from kpis.queries import Scope as Places
from kpis.queries import sums
from kpis.rules.periods import containing

from ...blocks import Bars, Block, Column, Note, Row, Table, Text
from .context import Built, Context, number, said

OFFERED, FORECAST = "offered", "forecast"
SHOWN: Final = (OFFERED, FORECAST)


def build(context: Context) -> Built:
    """Bars by day of a week, by week of longer periods, and the totals."""
    grain, period = ("day" if context.weekly else "week"), context.period
    read = (
        sums(Places(frozenset(context.site_ids)), period.first, period.last, (grain,), SHOWN)
        if context.site_ids
        else {}
    )
    known = [code for code in SHOWN if any(row.get(code) is not None for row in read.values())]
    absent = [
        said("no_volume" if code == OFFERED else "no_forecast", site=_about(context))
        for code in SHOWN
        if code not in known
    ]
    blocks: list[Block] = []
    if known:
        firsts = _firsts(context, grain)
        sets = [(said(f"volume.{code}"), [number(read.get((day,), {}).get(code)) for day in firsts]) for code in known]
        names = [_category(grain, day) for day in firsts]
        totals = [(code, sum((row.get(code) or Decimal(0) for row in read.values()), Decimal(0))) for code in known]
        rows = [Row(code, [said(f"volume.{code}"), number(total)]) for code, total in totals]
        columns = [Column("what", said("column.what")), Column("value", said("column.value"), "number")]
        blocks = [
            Bars(f"{grain}s", said(f"volume.{grain}s"), "number", names, sets),
            Table("total", said("volume.total"), columns, rows),
        ]
    notes = [Note(text.code, text, "warn") for text in absent]
    return Built([*blocks, *notes], missing=absent)


def _firsts(context: Context, grain: str) -> list[date]:
    days = [context.period.first + timedelta(days=step) for step in range(context.period.days)]
    return days if grain == "day" else sorted({containing("week", day).first for day in days})


def _category(grain: str, day: date) -> Text:
    return said("volume.day", day=day.isoformat()) if grain == "day" else Text(en=containing("week", day).key)


def _about(context: Context) -> dict[str, str]:
    """Whom a sentence about all of the pack's sites names."""
    about = context.pack.site or context.pack.partner
    return {"en": about.name, "zh": about.name_zh} if about else {"en": "Network", "zh": "全部站点"}
