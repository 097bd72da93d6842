"""What a mail about a published pack shows: its scores, its exceptions, and a chart as picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.notifications.registry import Picture
from portal.ui.charts.pictures import png_of, width_of
from portal.ui.templatetags.charts import chart_picture

from ..blocks import Series, Table, Text, thawed
from ..models import Pack
from ..wording.cells import reading_of
from ..wording.packs import told
from .drawn import chart_of
from .shown import Shown, shown
from .view import zone_of

# Exceptions that a mail names; all are on the page that it leads to.
MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as a mail shows it: the picture, its width on the screen, and what it says to whoever does not see it."""

    picture: Picture
    width: int
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A pack in a mail: its scores as a table, the names of its exceptions, its chart; `missing` what it cannot say."""

    pack: Pack
    scores: Shown | None
    exceptions: Sequence[str]
    chart: Drawn | None
    missing: Sequence[str]


def letter_of(pack: Pack) -> Letter:
    """In the language now active. The pack has its kind and place at hand; one query."""
    blocks = {
        f"{one['code']}:{block['key']}": thawed(block)
        for one in (pack.data or {}).get("sections", ())
        for block in one["blocks"]
    }
    scores = blocks.get("summary:scores")
    lines = [one for one in pack.lines.select_related("kpi", "site").order_by("pk") if one.needs_comment]
    return Letter(
        pack, shown(scores, zone_of(pack)) if isinstance(scores, Table) and scores.rows else None,
        [_name(one) for one in lines[:MOST]], _chart(pack, blocks, lines),
        [told(Text(code=one["code"], params=one["params"])) for one in pack.missing],
    )  # fmt: skip


def _name(line: Any) -> str:
    name = line.kpi.label if line.kpi else line.key
    return f"{line.site.label} · {name}" if line.site and ":" in line.key else name


def _chart(pack: Pack, blocks: dict[str, Any], lines: Sequence[Any]) -> Drawn | None:
    """The weeks of the first exception, else of the first KPI that has any."""
    series = [one for key, one in blocks.items() if key.startswith("trends:") and isinstance(one, Series)]
    known = [one for one in series if any(point.value is not None for point in one.points)]
    wanted = [f"{line.kpi.code}:" for line in lines if line.kpi]
    first = [one for code in wanted for one in known if one.key.startswith(code)] + known
    if not first:
        return None
    name = f"pack{pack.pk}"
    svg = str(chart_picture(chart_of(first[0]), name))
    return Drawn(Picture(name, png_of(svg)), width_of(svg), f"{told(first[0].title)}: {reading_of(first[0])}")
