"""Actions of the place: open, done in the period, overdue, by side."""

from collections import Counter
from typing import Final

from ...blocks import Column, Row, Table
from ...choices import OPEN_ACTIONS, Side
from .context import Built, Context, said
from .doing import action_table, actions

MOST: Final = 50
COUNTED: Final = ("open", "done", "overdue")


def build(context: Context) -> Built:
    """Numbers by side, and what is overdue, longest first."""
    mine = actions(context)
    live = list(mine.filter(state__in=OPEN_ACTIONS))
    late = [one for one in live if one.due_at < context.now]
    done = mine.filter(done_at__gte=context.since, done_at__lt=context.until).values_list("side", flat=True)
    counted = {
        "open": Counter(one.side for one in live), "done": Counter(done), "overdue": Counter(one.side for one in late),
    }  # fmt: skip
    columns = [Column("side", said("column.side")), *[Column(key, said(f"actions.{key}"), "number") for key in COUNTED]]
    rows = [Row(side, [said(f"actions.{side}"), *[counted[key][side] for key in COUNTED]]) for side in Side.values]
    shown = late[: context.option("most", MOST, 200)]
    return Built([
        Table("counts", said("actions.counts"), columns, rows),
        action_table(context, "late", said("actions.late"), shown, said("actions.none_late")),
    ])  # fmt: skip
