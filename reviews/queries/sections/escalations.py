"""Cases of the period in numbers. Nothing names a case, and no number counts a sensitive one."""

from escalations.queries.counts import by_issue, counts

from ...blocks import Column, Row, Table, Text
from .context import Built, Context, said

COUNTED = ("open", "opened", "closed", "breached")


def build(context: Context) -> Built:
    """Totals, and by issue type."""
    found = counts(context.site_ids, context.since, context.until)
    columns = [Column(one, said(f"column.{one}"), "number") for one in COUNTED]
    totals = Table(
        "counts", said("escalations.counts"), columns, [Row("all", [getattr(found, one) for one in COUNTED])]
    )
    issues = by_issue(context.site_ids, context.since, context.until)
    kinds = [
        Column("issue", said("column.issue")),
        *[Column(one, said(f"column.{one}"), "number") for one in ("opened", "open")],
    ]
    rows = [
        Row(
            one.code or "none",
            [Text(one.name, one.name_zh) if one.code else said("escalations.no_issue"), one.opened, one.open],
        )
        for one in issues
    ]
    return Built([totals, Table("issues", said("escalations.issues"), kinds, rows, said("escalations.none"))])
