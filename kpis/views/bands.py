"""Where a partner's sites stand among all others, as a table of the network page and of a site's scorecard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.rules import Actor

from ..models import Kpi
from ..queries import THEN
from ..queries.bands import Wanted, banded, bands
from ..queries.contracts import by_formulas
from ..rules.bands import Band, standing
from ..rules.samples import FEWEST
from ..wording.values import value_text
from .asked import Asked
from .entries import Entry

type Own = Sequence[tuple[Any, Sequence[Entry]]]


@dataclass(frozen=True, slots=True)
class BandRow:
    """A KPI: the middle half of the others and their middle as text, and own figures as (value, where that is)."""

    kpi: Kpi
    low: str
    middle: str
    high: str
    own: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BandTable:
    """`sites`: the reader's own, in the order of the rows' figures."""

    sites: tuple[Any, ...]
    rows: tuple[BandRow, ...]


def band_tables(actor: Actor, shown: Own, asked: Asked) -> list[BandTable]:
    """The tables for these sites with their entries, one for all that are read by the same formulas, as others are only set beside what
    is counted alike. None where no contract allows it, or where others could be told apart.
    """
    judged = banded(actor, [site.pk for site, _entries in shown], asked.period)
    if not judged:
        return []
    groups = by_formulas(judged) if asked.formula == THEN else [(list(judged), {})]
    own = [[(site, entries) for site, entries in shown if site.pk in ids] for ids, _pins in groups]
    wanted = [_wanted(sites, pins) for sites, (_ids, pins) in zip(own, groups, strict=True)]
    found = bands(actor, wanted, asked.period, asked.formula, excluded=asked.excluded)
    tables = [_table(sites, one, those) for sites, one, those in zip(own, wanted, found, strict=True)]
    return [table for table in tables if table.rows]


def _wanted(own: Own, pins: Mapping[int, Any]) -> Wanted:
    kpis = {one.kpi.pk: one.kpi for _site, entries in own for one in entries}.values()
    return Wanted(list(kpis), pins, _least(kpis, [_by_code(entries) for _site, entries in own]))


def _table(own: Own, wanted: Wanted, found: Mapping[str, Band]) -> BandTable:
    figures = [_by_code(entries) for _site, entries in own]
    rows = [_row(kpi, found[kpi.code], figures) for kpi in wanted.kpis if kpi.code in found]
    return BandTable(tuple(site for site, _entries in own), tuple(row for row in rows if row.low != row.high))


def _by_code(entries: Sequence[Entry]) -> dict[str, Entry]:
    return {one.kpi.code: one for one in entries}


def _least(kpis: Iterable[Kpi], own: Sequence[Mapping[str, Entry]]) -> dict[str, int]:
    """The smallest sample for a site to take part: the reader's own, and no less than what makes a rate at all."""
    return {kpi.code: max([FEWEST, *(one[kpi.code].least for one in own if kpi.code in one)]) for kpi in kpis}


def _row(kpi: Kpi, band: Band, own: Sequence[Mapping[str, Entry]]) -> BandRow:
    low, middle, high = (value_text(one, kpi.unit, kpi.decimals) for one in (band.low, band.middle, band.high))
    return BandRow(kpi, low, middle, high, tuple(_own(kpi, entries.get(kpi.code), band) for entries in own))


def _own(kpi: Kpi, entry: Entry | None, band: Band) -> tuple[str, str]:
    if entry is None or entry.reading.value is None or entry.is_short:
        return "–", ""
    direction = entry.line.terms.direction if entry.line else kpi.direction
    words = {
        "ahead": _("ahead of most"), "among": _("among the middle half"), "behind": _("behind most"),
        "above": _("above most"), "below": _("below most"),
    }  # fmt: skip
    return entry.value, words[standing(entry.reading.value, band, direction)]
