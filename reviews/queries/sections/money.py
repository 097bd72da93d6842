"""What months came to in score and money: the frozen results and their statements, as the contracts' pages show them."""

from typing import Any

from kpis.queries.agreements import latest_results
from kpis.rules.periods import add_months, containing
from portal.accounts.rules import SYSTEM

from ...blocks import Block, Cell, Column, Row, Table, Text
from .context import Built, Context, name_of, number, said


def build(context: Context) -> Built:
    """A row per site and month of the period; the money of months without a statement is not known."""
    results = latest_results(SYSTEM, context.site_ids, _months(context)) if context.sites else []
    columns = [
        Column("month", said("column.month"), "period"), Column("site", said("column.site")),
        Column("score", said("column.score"), "points"), Column("percent", said("column.percent"), "percent"),
        Column("amount", said("column.amount"), "money"), Column("currency", said("column.currency")),
        Column("state", said("column.state")),
    ]  # fmt: skip
    sites = {site.pk: site for site in context.sites}
    rows = [
        _row(one, sites[one.site_id]) for one in sorted(results, key=lambda one: (one.month, sites[one.site_id].name))
    ]
    blocks: list[Block] = [Table("statements", said("credits.statements"), columns, rows, said("credits.none"))]
    return Built(blocks)


def _months(context: Context) -> list[Any]:
    """The months that end in the period."""
    last = containing("month", context.period.last)
    newest = last if last.last <= context.period.last else last.previous()
    months = [add_months(newest.first, -back) for back in range(4)]
    return [month for month in months if containing("month", month).last >= context.period.first]


def _row(result: Any, site: Any) -> Row:
    statement = getattr(result, "statement", None)
    # Results keep the share in percent; blocks have ratios.
    share = number(result.percent / 100)
    cells: list[Cell] = [f"{result.month:%Y-%m}", name_of(site), number(result.score), share]
    if statement is None:
        return Row(f"{site.code}:{result.month:%Y-%m}", [*cells, None, "", said("credits.no_statement")])
    said_state: Text = said(f"credits.{statement.state}")
    return Row(f"{site.code}:{result.month:%Y-%m}", [*cells, number(statement.amount), statement.currency, said_state])
