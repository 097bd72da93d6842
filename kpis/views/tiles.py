"""The large figures above a matrix."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from ..wording.values import count_text, difference_text
from .entries import entry_of

if TYPE_CHECKING:
    from .network import Matrix


def tiles_of(matrix: "Matrix") -> list[dict[str, Any]]:
    """The score of all sites weighted by contacts, the verdicts of the three heaviest KPIs, and the contacts."""
    tiles: list[dict[str, Any]] = []
    scored = [
        (row.total.score, matrix.contacts.get(row.site.pk, Decimal(0)))
        for row in matrix.rows
        if row.total and row.total.score is not None
    ]
    weight = sum((contacts for _score, contacts in scored), Decimal(0))
    if weight:
        mean = sum((score * contacts for score, contacts in scored), Decimal(0)) / weight
        tiles.append({"name": _("Score"), "big": f"{mean:.1f}", "unit": " / 100", "note": _("weighted by contacts")})
    tiles += [_tile(matrix, at) for at in range(min(3, len(matrix.columns)))]
    now, before = sum(matrix.contacts.values(), Decimal(0)), sum(matrix.contacts_before.values(), Decimal(0))
    if matrix.contacts:
        change = difference_text(now / before - 1, Decimal(0), "percent") if before else ""
        note = _("%(change)s against before") % {"change": f"{change}%"} if change else ""
        tiles.append({"name": _("Contacts"), "big": count_text(now), "unit": "", "note": note})
    return tiles


def _tile(matrix: "Matrix", at: int) -> dict[str, Any]:
    """A KPI over all sites together, and at how many of them it is on target."""
    kpi = matrix.columns[at]
    how = matrix.formulas.of(kpi, matrix.whole.get(kpi.code))
    entry = entry_of(kpi, matrix.whole, how=how, today=matrix.asked.today)
    judged = [row.entries[at].rag for row in matrix.rows if row.entries[at].rag in {"g", "a", "r"}]
    beside = " ".join(part for part in (entry.spread, entry.over, entry.provisional) if part)
    tile = {"name": entry.kpi.label, "big": entry.value, "unit": f" {beside}" if beside else "", "entry": entry}
    if not judged:
        return tile
    rag = "r" if "r" in judged else "a" if "a" in judged else "g"
    note = _("%(on)d of %(all)d sites on target") % {"on": judged.count("g"), "all": len(judged)}
    return {**tile, "rag": rag, "note": note}
