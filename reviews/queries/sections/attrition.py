"""Leavers and headcount by month, as a site's page of movements counts them."""

from decimal import Decimal
from typing import Final

from kpis.rules.periods import containing
from partners import queries as directory

from ...blocks import Column, Row, Table
from .context import Built, Context, name_of, number, said

MONTHS: Final = 3


def build(context: Context) -> Built:
    """The last months up to the one in which the period ends."""
    shown = context.option("months", MONTHS, 24)
    until = containing("month", context.period.last).first
    columns = [
        Column("month", said("column.month"), "period"), Column("site", said("column.site")),
        Column("leavers", said("column.leavers"), "number"), Column("headcount", said("column.headcount"), "number"),
        Column("rate", said("column.rate"), "percent"),
    ]  # fmt: skip
    read = directory.movements(context.site_ids, until, shown)
    rows = [
        Row(f"{site.code}:{one.first:%Y-%m}", [f"{one.first:%Y-%m}", name_of(site), one.left, one.at_end, _rate(one)])
        for site in context.sites
        for one in reversed(read[site.pk])
        if one.at_start or one.at_end or one.joined
    ]
    return Built([Table("months", said("attrition.months"), columns, rows, said("attrition.none"))])


def _rate(month: directory.Month) -> str | None:
    """Leavers over the mean of the headcounts at the month's ends, as a ratio."""
    return number(Decimal(2 * month.left) / (month.at_start + month.at_end)) if month.at_start + month.at_end else None
