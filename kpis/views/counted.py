"""How one figure of a page was counted: the same view, asked for with the figure's key, says it and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from portal.ui.htmx import is_htmx

from ..models import Kpi
from .entries import Entry
from .hows import How


@dataclass(frozen=True, slots=True)
class Counted:
    """The formulas of a figure with their versions; of an `entry` also what they were filled with. `where`: whose figure it is."""

    kpi: Kpi
    hows: Sequence[How]
    where: str = ""
    entry: Entry | None = None


# Between the parts of a figure's key: no code of a site or KPI has it, so that no two figures of a page share a key.
BETWEEN: Final = "."

type ByKey = Iterable[tuple[str, Counted]]


def key_of(*parts: object) -> str:
    """The key of a figure among all of its page: whose it is, and which KPI."""
    return BETWEEN.join(map(str, parts))


def counted(entry: Entry, where: str = "") -> Counted:
    """How an entry was counted."""
    return Counted(entry.kpi, entry.how, where, entry)


def answered(request: HttpRequest, template: str, context: Mapping[str, Any], figures: ByKey) -> HttpResponse:
    """The page; or, where its address names one of its figures, how that one was counted.

    To htmx that is a piece for the page's popover, without script a small page. `figures` by key are looked through only then.
    """
    key = request.GET.get("how")
    if not key:
        return render(request, template, dict(context))
    found = next((one for at, one in figures if at == key), None)
    if found is None:
        raise Http404
    words = {"counted": found, "nav_key": context.get("nav_key"), "crumbs": context.get("crumbs")}
    return render(request, "kpis/_how.html" if is_htmx(request) else "kpis/how.html", words)
