"""A pack as its files show it: what was frozen, with what both sides said to it, in the language and on the clock now active."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from kpis.rules.periods import Period
from kpis.wording.periods import day_text, period_text
from portal.naming import in_language
from portal.notifications.rules import zone_or_utc
from portal.ui.times import in_zone

from ..blocks import Block, Cell, Column, Row, Table, Text, thawed
from ..choices import PackState, Side
from ..models import Acknowledgement, Comment, Pack
from ..queries.content import draft_hash
from ..queries.jobs import scope_label
from ..rules.timing import period_of
from ..wording.cells import signal_text
from ..wording.packs import told


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its heading; comments on its lines stand in its last table."""

    code: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class PackView:
    """What every file of a pack says. `signed`: who acknowledged it, and what was said of all of it."""

    title: str
    about: str
    period: str
    key: str
    final: bool
    status: str
    hash: str
    address: str
    zone: str
    frozen: str
    reason: str
    missing: tuple[str, ...]
    signed: tuple[Table, ...]
    sections: tuple[SectionView, ...]


def zone_of(pack: Pack) -> str:
    """The clock of a pack's instants: the site's, else UTC."""
    return str(zone_or_utc(pack.site.time_zone if pack.site else "UTC"))


def view_of(pack: Pack) -> PackView:
    """A frozen pack in the language now active; four queries. Its clock (`zone_of`) has to be active as well."""
    final, draft = pack.state == PackState.PUBLISHED, draft_hash(pack)
    mark = pack.content_hash if final else draft
    comments = list(Comment.objects.filter(pack=pack).select_related("line", "by", "for_user").order_by("at", "pk"))
    period = period_of(pack.kind.rhythm, pack.first_day)
    return PackView(
        title=pack.kind.label,
        about=about(pack),
        period=_period_text(period),
        key=period.key,
        final=final,
        status=_status(pack),
        hash=mark,
        address=f"{settings.PORTAL_BASE_URL}{reverse('reviews:check')}?{urlencode({'hash': mark})}",
        zone=zone_of(pack),
        frozen=_instant(pack.frozen_at) if pack.frozen_at else "",
        reason=pack.reason,
        missing=tuple(told(Text(code=one["code"], params=one["params"])) for one in pack.missing),
        signed=tuple(_signed(pack, draft, comments)),
        sections=tuple(_sections(pack, comments)),
    )


def about(pack: Pack) -> str:
    """Whom a pack is about, by the names that were frozen."""
    scope: Mapping[str, Any] = (pack.data or {}).get("scope") or {}
    named = [scope[key] for key in ("partner", "site") if scope.get(key)]
    return " · ".join(in_language(one["en"], one["zh"]) for one in named) or scope_label(pack)


def _period_text(period: Period) -> str:
    return f"{period_text(period)} ({period.first.isoformat()} – {period.last.isoformat()})"


def _status(pack: Pack) -> str:
    if pack.state != PackState.PUBLISHED or pack.published_at is None:
        return _("DRAFT")
    text = _("Published %(at)s") % {"at": _instant(pack.published_at)}
    return f"{text} · {_('revision %(number)s') % {'number': pack.revision}}" if pack.revision > 1 else text


def _instant(at: datetime) -> str:
    """With its year: files are kept."""
    local = in_zone(at)
    return f"{day_text(local.date())} {local:%H:%M}"


def _sections(pack: Pack, comments: Sequence[Comment]) -> Iterable[SectionView]:
    for section in (pack.data or {}).get("sections", ()):
        code = section["code"]
        blocks = [_marked(thawed(one)) for one in section["blocks"]]
        said = [one for one in comments if one.line and one.line.section == code]
        if said:
            blocks.append(_comments(said, _names(blocks)))
        yield SectionView(code, told(Text(code=f"section.{code}")), tuple(blocks))


def _marked(block: Block) -> Block:
    """A table with its lights and signals as columns, so that every file shows them."""
    if not isinstance(block, Table):
        return block
    marked = block
    if any(row.rag for row in block.rows):
        marked = _with(marked, Column("rag", Text(code="column.state"), "rag"), [row.rag or None for row in block.rows])
    if any(row.signals for row in block.rows):
        signals = [signal_text(row.signals) or None for row in block.rows]
        marked = _with(marked, Column("signals", Text(code="column.signals")), signals)
    return marked


def _with(table: Table, column: Column, cells: Sequence[Cell]) -> Table:
    rows = [replace(row, cells=[*row.cells, cell]) for row, cell in zip(table.rows, cells, strict=True)]
    return replace(table, columns=[*table.columns, column], rows=rows)


def _names(blocks: Iterable[Block]) -> dict[str, str]:
    """What lines are called, by their key: the names in their row."""
    rows: list[Row] = [row for block in blocks if isinstance(block, Table) for row in block.rows]
    return {row.key: " · ".join(told(cell) for cell in row.cells if isinstance(cell, Text)) for row in rows}


def _comments(comments: Sequence[Comment], names: Mapping[str, str]) -> Table:
    columns = [Column("line", Text(code="column.line")), *_WRITTEN]
    rows = [
        Row(f"comment-{one.pk}", [names.get(one.line.key, one.line.key) if one.line else "", *_written(one), one.text])
        for one in comments
    ]
    return Table("comments", Text(code="pack.comments"), [*columns, _COMMENT], rows)


def _signed(pack: Pack, draft: str, comments: Sequence[Comment]) -> Iterable[Table]:
    whole = [one for one in comments if one.line is None]
    if whole:
        rows = [Row(f"comment-{one.pk}", [*_written(one), one.text]) for one in whole]
        yield Table("comments", Text(code="pack.comments"), [*_WRITTEN, _COMMENT], rows)
    read = Acknowledgement.objects.filter(pack=pack, content_hash=draft).select_related("by", "for_user")
    rows = [Row(one.side, list(_written(one))) for one in read.order_by("at", "pk")]
    if rows:
        yield Table("acknowledged", Text(code="pack.acknowledged"), [*_WRITTEN[:-1], _WHEN], rows)


_WRITTEN: Final = (
    Column("side", Text(code="column.side")), Column("by", Text(code="column.by")),
    Column("at", Text(code="column.at"), "instant"),
)  # fmt: skip
_WHEN: Final = replace(_WRITTEN[-1], label=Text(code="column.when"))
_COMMENT: Final = Column("comment", Text(code="column.comment"))


def _written(row: Comment | Acknowledgement) -> tuple[str, str, str]:
    name = row.by.name
    if row.for_user:
        name = _("%(who)s for %(whom)s") % {"who": name, "whom": row.for_user.name}
    return str(Side(row.side).label), name, row.at.isoformat()
