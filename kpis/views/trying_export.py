"""What if as CSV or XLSX: a row a month and KPI with all of its terms, its figure and its score both ways, and what the month is worth."""

from collections.abc import Iterable, Sequence
from itertools import chain

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of

from ..actions.effects import Month
from ..choices import Rag
from ..models import Line as TermsLine
from ..queries.contracts import Card
from ..queries.scope import READERS
from ..queries.scores import Worth, shown
from ..rules.scoring import LineScore, Total
from .agreement_exports import terms_cells, terms_heads
from .exporting import Line, about, number_cell, table_file
from .trying import Tried, name_of, tried


@require_POST
@require_role(*READERS)
def what_if(request: HttpRequest, code: str) -> HttpResponseBase:
    """What the address asks; where it asks nothing, the quarter as agreed, twice. Values are in the KPI's own unit, a percent as a ratio."""
    it = tried(request, code)
    if it.form is not None and it.form.is_bound and not it.form.is_valid():
        raise BadRequest
    head = [
        _("Site"),
        _("Month"),
        _("KPI"),
        _("Unit"),
        *_both(_line_heads()),
        *_both(_month_heads()),
        _("Invoice"),
        _("Currency"),
    ]
    lines = [[it.site.label, *line] for month in it.compared() for line in _lines(month)]
    told = about(request, it.contract.label, _view(it))
    changes = {"subject": "what_if", "key": code, "when": f"{it.months[-1]:%Y-%m}"}
    return table_file(request, actor_of(request), head, lines, file=f"what-if-{code}", told=told, changes=changes)


def _view(it: Tried) -> list[tuple[str, str]]:
    """The site, and the time ranges that would be left out; all else stands in the table."""
    if it.form is None:
        return []
    chosen = "; ".join(it.form.left_out)
    return [(_("Site"), it.site.label), *([(_("Time ranges left out"), chosen)] if chosen else [])]


def _both(heads: Iterable[str]) -> list[str]:
    """Each head twice."""
    ways = (_("%(what)s, as it was"), _("%(what)s, as it would be"))
    return [way % {"what": head} for head in heads for way in ways]


def _line_heads() -> list[str]:
    return [
        *terms_heads(), _("Value"), _("Numerator"), _("Denominator"), "n", _("Status"), _("Weight that counted"), _("Score"),
        pgettext("of a weighted score", "Points"),
    ]  # fmt: skip


def _month_heads() -> list[str]:
    return [_("Weighted score"), _("Held down by"), _("Percent of the invoice"), _("Bonus or malus")]


def _lines(month: Month) -> Iterable[Line]:
    """A line a KPI: the two cards have the same ones, in the same order."""
    whole = _paired(
        _month_cells(month.now_card, month.now, month.now_worth),
        _month_cells(month.then_card, month.then, month.then_worth),
    )
    money: Line = [number_cell(month.invoice), month.currency]
    pairs = zip(month.now_card.lines, month.now.lines, month.then_card.lines, month.then.lines, strict=True)
    for now, scored, then, other in pairs:
        place: Line = [name_of(month.month), now.kpi.label, now.kpi.get_unit_display()]
        yield [*place, *_paired(_line_cells(now, scored), _line_cells(then, other)), *whole, *money]


def _paired(before: Sequence[object], after: Sequence[object]) -> Line:
    return list(chain.from_iterable(zip(before, after, strict=True)))


def _line_cells(line: TermsLine, scored: LineScore) -> Line:
    read = scored.reading
    return [
        *terms_cells(line), number_cell(read.value), number_cell(read.numerator), number_cell(read.denominator),
        number_cell(read.n), str(Rag(scored.verdict.rag).label), number_cell(scored.weight), number_cell(scored.score),
        number_cell(scored.points),
    ]  # fmt: skip


def _month_cells(card: Card, total: Total, worth: Worth) -> Line:
    gate = next((line.kpi.label for line in card.lines if line.kpi.code == total.gated_by), "")
    return [number_cell(shown(total.score)), gate, number_cell(worth.percent), number_cell(worth.amount)]
