"""Where a partner's sites stand among all others, as a table of the network page and of a site's scorecard."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from portal.accounts.rules import Actor

from ..models import Kpi
from ..queries import THEN
from ..queries.bands import banded, bands
from ..rules.bands import Band, standing
from ..rules.samples import FEWEST
from .asked import Asked
from .entries import Entry
from .words.values import value_text


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


def band_table(actor: Actor, shown: Sequence[tuple[Any, Sequence[Entry]]], asked: Asked) -> BandTable | None:
    """The table for these sites with their entries; None where no contract allows it, or where others could be told apart."""
    judged = banded(actor, [site.pk for site, _entries in shown], asked.period)
    own = [(site, {one.kpi.code: one for one in entries}) for site, entries in shown if site.pk in judged]
    if not own:
        return None
    kpis = {one.kpi.pk: one.kpi for site, entries in shown if site.pk in judged for one in entries}
    card = judged[own[0][0].pk]
    pins = card.pins if asked.formula == THEN else {}
    least = _least(kpis.values(), [entries for _site, entries in own])
    found = bands(actor, list(kpis.values()), asked.period, asked.formula, pins, least, excluded=asked.excluded)
    rows = [
        _row(kpi, found[kpi.code], [entries for _site, entries in own]) for kpi in kpis.values() if kpi.code in found
    ]
    told = tuple(row for row in rows if row.low != row.high)
    return BandTable(tuple(site for site, _entries in own), told) if told else None


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
