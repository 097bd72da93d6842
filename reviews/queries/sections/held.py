"""What meetings, visits and shadowings of the period brought: calibrations, top issues, voices of customers."""

from typing import Final

from ...blocks import Block, Column, Row, Table, Text
from ...choices import EngagementKind, EngagementState, FindingKind
from ...models import Engagement, Finding, Observation
from .context import Built, Context, name_of, number, said
from .doing import about, with_sites
from .scorecard import line_name

MOST: Final = 20
#: The KPIs that are made of customers' answers.
VOICES: Final = ("nps", "csat")


def calibrations(context: Context) -> Built:
    """The calibrations that were held, with how many people came and what was decided."""
    held = Engagement.objects.filter(
        about(context),
        kind=EngagementKind.CALIBRATION,
        state=EngagementState.HELD,
        starts_at__gte=context.since,
        starts_at__lt=context.until,
    )
    columns = [
        Column("begins", said("column.begins"), "instant"), Column("meeting", said("column.meeting")),
        Column("came", said("column.came"), "number"), Column("decisions", said("column.decisions"), "number"),
    ]  # fmt: skip
    meetings = list(held.select_related("site").order_by("starts_at", "pk"))
    rows = [
        Row(str(one.pk), [
            one.starts_at.isoformat(), one.title, one.attendees.filter(came=True).count(),
            one.decisions.filter(withdrawn_at=None).count(),
        ])
        for one in meetings
    ]  # fmt: skip
    table = Table("held", said("calibration.held"), columns, rows, said("calibration.none"))
    return Built([with_sites(context, table, [one.site for one in meetings])])


def top_issues(context: Context) -> Built:
    """Findings of the period that are evidence for a top issue."""
    found = Finding.objects.filter(
        site__in=context.site_ids,
        kind=FindingKind.TOP_ISSUE,
        withdrawn_at=None,
        at__gte=context.since,
        at__lt=context.until,
    ).select_related("site", "theme")
    columns = [
        Column("site", said("column.site")),
        Column("title", said("column.title")),
        Column("theme", said("column.theme")),
    ]
    shown = found.order_by("-at", "-pk")[: context.option("most", MOST, 200)]
    rows = [Row(str(one.pk), [name_of(one.site), one.title, name_of(one.theme) if one.theme else ""]) for one in shown]
    return Built([Table("found", said("top_issues.found"), columns, rows, said("top_issues.none"))])


def voice(context: Context) -> Built:
    """What customers answered, and quotes of what was heard."""
    rows = [
        Row(f"{one.site.code}:{line.kpi.code}", [name_of(one.site), line_name(one, line), number(line.reading.value),
            line.reading.n, number(line.change)], line.kpi.unit, line.rag, decimals=line.kpi.decimals)
        for one in context.judged.values()
        for line in one.lines
        if line.kpi.code in VOICES
    ]  # fmt: skip
    columns = [
        Column("site", said("column.site")), Column("kpi", said("column.kpi")), Column("value", said("column.value"), "number"),
        Column("n", said("column.n"), "number"), Column("change", said("column.change"), "change"),
    ]  # fmt: skip
    blocks: list[Block] = [
        Table("figures", said("voice.figures"), columns, rows, said("scorecard.nothing")),
        _quotes(context),
    ]
    return Built(blocks)


def _quotes(context: Context) -> Table:
    heard = Observation.objects.filter(
        withdrawn_at=None, engagement__site__in=context.site_ids, at__gte=context.since, at__lt=context.until
    ).exclude(quote="")
    heard = heard.select_related("theme", "engagement__site").order_by("-at", "-pk")
    columns = [
        Column("site", said("column.site")),
        Column("theme", said("column.theme")),
        Column("quote", said("column.quote")),
    ]
    rows = [
        Row(str(one.pk), [_site(one), name_of(one.theme), one.quote])
        for one in heard[: context.option("most", MOST, 200)]
    ]
    return Table("quotes", said("voice.quotes"), columns, rows, said("voice.no_quotes"))


def _site(one: Observation) -> Text | None:
    return name_of(one.engagement.site) if one.engagement.site else None
