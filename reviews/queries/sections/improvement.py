"""Actions that were to move a KPI, and whether its control chart shows that they did."""

from typing import Any, Final

from portal.accounts.rules import SYSTEM

from ...blocks import Cell, Column, Row, Table
from ...models import Action
from ..effects import measured
from .context import Built, Context, name_of, number, said
from .doing import actions, with_sites

MOST: Final = 20


def build(context: Context) -> Built:
    """Those that were done in the period or the one before, whose effect takes weeks to be seen; newest first."""
    since = context.start_of(context.period.previous().first)
    done = actions(context).filter(kpi__isnull=False, done_at__gte=since, done_at__lt=context.until)
    shown = list(done.order_by("-done_at", "-pk")[: context.option("most", MOST, 200)])
    rows = [_row(context, one) for one in shown]
    columns = [
        Column("action", said("column.action")), Column("owner", said("column.owner")), Column("kpi", said("column.kpi")),
        Column("done", said("column.done"), "day"), Column("expected", said("column.expected"), "change"),
        Column("verdict", said("column.verdict")),
    ]  # fmt: skip
    table = Table("actions", said("improvement.actions"), columns, rows, said("improvement.none"))
    return Built([with_sites(context, table, [one.site for one in shown])])


def _row(context: Context, action: Action) -> Row:
    found = measured(SYSTEM, action)
    verdict = said(f"verdict.{found.effect.verdict if found else 'too_early'}")
    day = context.local_day(action.done_at).isoformat() if action.done_at else None
    kpi: Any = action.kpi
    cells: list[Cell] = [action.title, action.owner.name, name_of(kpi), day, number(action.expected_change), verdict]
    return Row(action.ref, cells, unit=kpi.unit, decimals=kpi.decimals)
