"""What an agenda is built from, and what a reader sees of one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.rules import Actor

from ..choices import LIVE_ACTIONS, OPEN_ACTIONS, AgendaKind, PackState
from ..models import Action, AgendaItem, Engagement, Line, Pack
from .meetings import previous_held
from .scope import actions_visible_to, packs_visible_to

#: Without a meeting before, exceptions of so long a time are looked at.
LOOK_BACK: Final = timedelta(days=28)
MOST: Final = 100


def items_of(actor: Actor, engagement: Engagement) -> QuerySet[AgendaItem]:
    """The points that the reader may see: of an exception or action only with the pack or action itself, whoever was invited."""
    rows = engagement.agenda.filter(removed_at=None).select_related(
        "line__kpi", "line__pack", "action__owner", "added_by", "added_for"
    )
    seen = (
        Q(kind=AgendaKind.TOPIC)
        | Q(kind=AgendaKind.EXCEPTION, line__pack__in=packs_visible_to(actor).values("pk"))
        | Q(kind=AgendaKind.ACTION, action__in=actions_visible_to(actor).values("pk"))
    )
    return rows.filter(seen).order_by("position", "pk")


def exceptions_since_last(engagement: Engagement) -> list[Line]:
    """Lines that need a comment, of the newest packs about the same that were frozen since the meeting before."""
    before = previous_held(engagement)
    since = before.held_at if before and before.held_at else engagement.starts_at - LOOK_BACK
    packs = Pack.objects.filter(state__in=(PackState.DRAFT, PackState.PUBLISHED), frozen_at__gt=since)
    packs = packs.filter(_about(engagement))
    newer = Pack.objects.filter(
        kind=OuterRef("kind"),
        scope=OuterRef("scope"),
        first_day=OuterRef("first_day"),
        revision__gt=OuterRef("revision"),
    )
    newer = newer.filter(
        Q(site=OuterRef("site")) | Q(site=None, partner=OuterRef("partner")) | Q(site=None, partner=None)
    )
    lines = Line.objects.filter(needs_comment=True, pack__in=packs.exclude(Exists(newer)).values("pk"))
    return list(lines.select_related("pack__kind", "kpi", "site").order_by("pack__first_day", "pk")[:MOST])


def open_actions(actor: Actor, engagement: Engagement) -> list[Action]:
    """What is open about the same or came of the series, as far as the actor sees it; what is due first."""
    about = _about(engagement)
    if engagement.series_id is not None:
        about |= Q(series=engagement.series_id) | Q(engagement__series=engagement.series_id)
    rows = actions_visible_to(actor).filter(about, state__in=LIVE_ACTIONS)
    return list(rows.order_by("due_at", "pk")[:MOST])


def carried_over(engagement: Engagement) -> list[Action]:
    """Actions of this meeting that are still to do: on its agenda, or raised in it."""
    on_agenda = Q(agenda_items__engagement=engagement, agenda_items__removed_at=None)
    rows = Action.objects.filter(on_agenda | Q(engagement=engagement), state__in=OPEN_ACTIONS)
    return list(rows.distinct().order_by("due_at", "pk")[:MOST])


def source_of_line(line: Line) -> str:
    """By which an exception is on an agenda once, whichever revision of its pack is read."""
    place = line.site_id or 0
    return f"line:{line.pack.kind_id}:{line.pack.first_day}:{place}:{line.kpi_id or line.key}"[:80]


def params_of_line(line: Line) -> dict[str, Any]:
    """What an agenda says of an exception: names, figures as they were frozen."""
    row, unit = _frozen_row(line)
    kpi = {"en": line.kpi.name, "zh": line.kpi.name_zh} if line.kpi else {"en": line.key, "zh": ""}
    site = {"en": line.site.name, "zh": line.site.name_zh} if line.site else None
    return {
        "kpi": kpi,
        "site": site,
        "first_day": line.pack.first_day.isoformat(),
        "rhythm": line.pack.kind.rhythm,
        "unit": unit,
        **row,
    }


def _about(engagement: Engagement) -> Q:
    if engagement.site_id is not None:
        return Q(site=engagement.site_id)
    if engagement.partner_id is not None:
        return Q(partner=engagement.partner_id) | Q(site__partner=engagement.partner_id)
    return Q(site=None, partner=None)


def _frozen_row(line: Line) -> tuple[dict[str, Any], str]:
    """The row's value, target and judgement out of the pack's data; nothing where the line is no row of a table."""
    for section in (line.pack.data or {}).get("sections", ()):
        if section["code"] != line.section:
            continue
        for block in section["blocks"]:
            for row in block.get("rows", ()) if block["type"] == "table" else ():
                if row["key"] == line.key:
                    return _figures(block["columns"], row), str(row.get("unit") or "number")
    return {}, "number"


def _figures(columns: list[Mapping[str, Any]], row: Mapping[str, Any]) -> dict[str, Any]:
    cells = {column["key"]: cell for column, cell in zip(columns, row["cells"], strict=False)}
    return {
        "value": cells.get("value"), "target": cells.get("target"), "rag": row.get("rag", ""), "signals": list(row.get("signals", ())),
    }  # fmt: skip
