"""Contracts' lines, months with theirs and their statements, and disputed ranges as CSV or XLSX. Who took them away is written down."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from partners import queries as directory
from portal.accounts.decorators import require_role
from portal.accounts.requests import actor_of
from portal.audit.wording import joined
from portal.refusals import RefusedError

from ..access import contracts as access
from ..actions import results as acts
from ..choices import ExclusionState, Rag
from ..models import Exclusion, Result
from ..queries import agreements
from ..queries.scope import READERS
from ..queries.scores import shown, worth
from ..rules.periods import containing
from ..wording.periods import period_text
from .exclusions import asked_for
from .exporting import Line, about, number_cell, table_file
from .results import judged_rows, month_of, statement_of
from .rows import ScoreRow, kept_rows, score_rows

reads = require_role(*READERS)
MINUTE = "%Y-%m-%d %H:%M"


@require_POST
@reads
def results(request: HttpRequest) -> HttpResponseBase:
    """A month of every site in sight that a contract judges."""
    actor, month = actor_of(request), month_of(request)
    head = [_("Site"), _("Contract"), *_month_heads(), *_statement_heads()]
    lines: list[Line] = [
        [site.label, contract.label, *_month_cells(month, found), *_statement_cells(statement)]
        for site, contract, found, statement in judged_rows(actor, month)
    ]
    told, changes = about(request, _("Results")), {"subject": "results", "when": f"{month:%Y-%m}"}
    return table_file(request, actor, head, lines, file=f"results-{month:%Y-%m}", told=told, changes=changes)


@require_POST
@reads
def result(request: HttpRequest, site: str, month: date) -> HttpResponseBase:
    """The lines of a site's month: as the last revision keeps them, else as they would be frozen now."""
    actor = actor_of(request)
    at = access.get_covered_site(actor, site)
    revisions = agreements.revisions(actor, at.pk, month)
    found = _frozen(month, revisions[0]) if revisions else _draft(at, month)
    head = [_("Site"), *_line_heads(), _("Contract"), *_month_heads(), *_statement_heads()]
    told = about(request, joined(at.label, period_text(containing("month", month))))
    changes = {"subject": "result", "key": at.code, "when": f"{month:%Y-%m}"}
    lines = [[at.label, *line] for line in found]
    return table_file(request, actor, head, lines, file=f"result-{at.code}-{month:%Y-%m}", told=told, changes=changes)


@require_POST
@reads
def exclusions(request: HttpRequest) -> HttpResponseBase:
    """The disputed ranges in sight that are in the chosen state, the newest first."""
    actor = actor_of(request)
    state, rows = asked_for(request, actor)
    head = [
        _("From"), _("To"), _("Time zone"), _("Site"), _("Queue"), _("Reason"), _("What happened"), _("Proposed by"),
        _("Side"), _("State"), _("Decided by"), pgettext("to a disputed range", "Answer"),
    ]  # fmt: skip
    lines = [_range_cells(one) for one in rows.order_by("-proposed_at", "-id")]
    label = ExclusionState(state).label if state in ExclusionState.values else _("All")
    told = about(request, _("Disputed ranges"), [(_("State"), str(label))])
    return table_file(request, actor, head, lines, file="disputed-ranges", told=told, changes={"subject": "exclusions"})


@require_POST
@reads
def terms(request: HttpRequest, code: str, number: int) -> HttpResponseBase:
    """The lines of a version of a contract's scorecard. Values are in the KPI's own unit, a percent as a ratio."""
    actor = actor_of(request)
    held = access.get_schedule(actor, code, number)
    head = [_("Contract"), _("Version"), _("From"), _("KPI"), _("Unit"), *terms_heads()]
    whole: Line = [held.contract.label, held.number, held.period.lower]
    lines = [
        [*whole, one.kpi.label, one.kpi.get_unit_display(), *terms_cells(one)] for one in agreements.lines_of(held)
    ]
    told = about(request, held.contract.label, [(_("Version"), str(held.number))])
    changes = {"subject": "contract", "key": code, "when": f"{held.period.lower:%Y-%m}"}
    return table_file(request, actor, head, lines, file=f"contract-{code}-{number}", told=told, changes=changes)


def terms_heads() -> list[str]:
    """What `terms_cells` are of."""
    return [
        _("Weight"), _("Red"), _("Target"), _("Target, upper end"), _("Red, upper end"), _("Stretch"),
        _("Smallest sample"), _("Formula version"), _("Gate: if red, the total is at most"),
    ]  # fmt: skip


def terms_cells(line: Any) -> Line:
    """The terms of a line of a scorecard, saved or not."""
    bounds = (line.red, line.target, line.target_high, line.red_high, line.stretch)
    return [
        number_cell(line.weight / 100), *map(number_cell, bounds), line.minimum_n,
        line.version.number if line.version else "", number_cell(line.gate_cap),
    ]  # fmt: skip


def _frozen(month: date, last: Result) -> list[Line]:
    whole = [last.schedule.contract.label, *_month_cells(month, last), *_statement_cells(statement_of(last))]
    return [
        [*_line_cells(row, one, one, str(one.version.number)), *whole]
        for row, one in zip(kept_rows(last), last.lines.all(), strict=True)
    ]


def _draft(site: Any, month: date) -> list[Line]:
    """Empty where there is nothing to freeze yet."""
    try:
        card, total = acts.preview(site, month)
    except RefusedError:
        return []
    gate = next((line.kpi.label for line in card.lines if line.kpi.code == total.gated_by), "")
    percent = number_cell(worth(total, card, None).percent)
    whole = [card.contract.label, _name_of(month), "", "", number_cell(shown(total.score)), percent, gate]
    whole += _statement_cells(None)
    return [
        [*_line_cells(row, one.reading, one, ", ".join(map(str, one.reading.versions))), *whole]
        for row, one in zip(score_rows(card, total, directory.site_today(site)), total.lines, strict=True)
    ]


def _line_heads() -> list[str]:
    return [
        _("KPI"), _("Weight"), _("Target"), _("Value"), _("Unit"), _("Numerator"), _("Denominator"), "n",
        _("Interval (95%), from"), _("Interval (95%), to"), _("Status"), _("Score"),
        pgettext("of a weighted score", "Points"), _("Formula version"),
    ]  # fmt: skip


def _line_cells(row: ScoreRow, read: Any, scored: Any, versions: str) -> Line:
    """`read`: its figure; `scored`: what it came to. The weight is a ratio, and so is a percent."""
    return [
        row.kpi.label, number_cell(scored.weight), row.target, number_cell(read.value), row.kpi.get_unit_display(),
        number_cell(read.numerator), number_cell(read.denominator), number_cell(read.n), number_cell(read.low),
        number_cell(read.high), str(Rag(row.rag).label), number_cell(scored.score), number_cell(scored.points), versions,
    ]  # fmt: skip


def _month_heads() -> list[str]:
    return [
        _("Month"), _("Revision"), _("Frozen at"), _("Weighted score"), _("Percent of the invoice"), _("Held down by"),
    ]  # fmt: skip


def _month_cells(month: date, found: Result | None) -> Line:
    """The result of a month, empty where it is not frozen."""
    if found is None:
        return [_name_of(month), "", "", "", "", ""]
    gate = found.gated_by.label if found.gated_by else ""
    frozen = timezone.localtime(found.frozen_at).strftime(MINUTE)
    return [
        _name_of(month), number_cell(found.revision), frozen, number_cell(found.score), number_cell(found.percent), gate,
    ]  # fmt: skip


def _statement_heads() -> list[str]:
    return [
        _("Statement"), _("Invoice"), _("Currency"), _("Bonus or malus"), _("Earned back"), _("Together"), _("Company"),
        _("Partner"),
    ]  # fmt: skip


def _statement_cells(found: Any) -> Line:
    """The statement of a month, with who signed for each side and when; empty where there is none."""
    if found is None:
        return [""] * 8
    return [
        found.get_state_display(), float(found.invoice_amount), found.currency, float(found.amount),
        float(found.earned_back), float(found.amount + found.earned_back), _signed(found.company_by, found.company_at),
        _signed(found.partner_by, found.partner_at),
    ]  # fmt: skip


def _signed(who: Any, at: datetime | None) -> str:
    return joined(who.name, timezone.localtime(at).strftime(MINUTE)) if who and at else ""


def _range_cells(held: Exclusion) -> Line:
    zone = ZoneInfo(held.site.time_zone)
    since, until = (at.astimezone(zone).strftime(MINUTE) for at in (held.period.lower, held.period.upper))
    return [
        since, until, held.site.time_zone, held.site.label, held.queue.label if held.queue else "",
        held.get_reason_display(), held.note, held.proposed_by.name, held.get_proposed_side_display(),
        held.get_state_display(), held.decided_by.name if held.decided_by else "", held.answer,
    ]  # fmt: skip


def _name_of(month: date) -> str:
    return period_text(containing("month", month))
