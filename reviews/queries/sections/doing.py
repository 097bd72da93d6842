"""Actions and meetings of a pack's place, as both sides may read of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q, QuerySet

from escalations.choices import Sensitivity

from ...blocks import Column, Row, Table, Text
from ...choices import Scope
from ...models import Action
from .context import Context, name_of, said


def about(context: Context) -> Q:
    """Rows with a site, a partner or neither that belong to the pack."""
    pack = context.pack
    if pack.scope == Scope.SITE:
        return Q(site=pack.site_id)
    return Q(site__in=context.site_ids) | Q(partner=pack.partner_id) if pack.scope == Scope.PARTNER else Q()


def actions(context: Context) -> QuerySet[Action]:
    """The place's actions, without those of sensitive cases."""
    plain = Q(case=None) | Q(case__sensitivity=Sensitivity.STANDARD)
    return Action.objects.filter(about(context), plain).select_related("owner", "site", "kpi").order_by("due_at", "pk")


def action_table(context: Context, key: str, title: Text, rows: list[Action], empty: Text) -> Table:
    """What is to be done, whose it is, and until when; where, if the pack is about several sites."""
    columns = [
        Column("action", said("column.action")), Column("owner", said("column.owner")), Column("side", said("column.side")),
        Column("due", said("column.due"), "instant"),
    ]  # fmt: skip
    made = [
        Row(one.ref, [one.title, one.owner.name, said(f"actions.{one.side}"), one.due_at.isoformat()]) for one in rows
    ]
    return with_sites(context, Table(key, title, columns, made, empty), [one.site for one in rows])


def with_sites(context: Context, table: Table, sites: Sequence[Any]) -> Table:
    """The table with each row's site before all else, in packs of several sites."""
    if context.one_site:
        return table
    rows = [
        replace(row, cells=[name_of(site) if site else None, *row.cells])
        for row, site in zip(table.rows, sites, strict=True)
    ]
    return replace(table, columns=[Column("site", said("column.site")), *table.columns], rows=rows)
