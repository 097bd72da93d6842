"""Whether those who begin can work on their first day, and what of access is overdue."""

from typing import Final

from access_requests.queries.counts import overdue_by_site
from access_requests.queries.figures import figures_of
from access_requests.rules.readiness import Course

from ...blocks import Block, Column, Note, Row, Table
from .context import Built, Context, name_of, said

COURSES: Final = {
    "ready": Course.READY, "on_track": Course.ON_COURSE, "at_risk": Course.AT_RISK, "late": Course.MISS,
}  # fmt: skip


def build(context: Context) -> Built:
    """A row per site: who begins from the first day of the period to the end of the next, and requests past their time."""
    found = (
        figures_of(context.sites, context.period.first, context.following.last, context.now) if context.sites else {}
    )
    late = overdue_by_site(context.site_ids, context.now)
    keys = ("starting", *COURSES, "overdue")
    columns = [Column("site", said("column.site")), *[Column(key, said(f"access.{key}"), "number") for key in keys]]
    rows = [
        Row(
            site.code,
            [name_of(site), one.total, *[one.courses[course] for course in COURSES.values()], late.get(site.pk, 0)],
        )
        for site in context.sites
        for one in (found[site.pk],)
    ]
    blocks: list[Block] = [Table("readiness", said("access.readiness"), columns, rows)]
    if not any(one.total for one in found.values()):
        blocks.append(Note("nobody", said("access.nobody")))
    return Built(blocks)
