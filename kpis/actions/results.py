"""Results of months: frozen once, made again as revisions, turned into statements that both sides sign."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from partners import queries as directory
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import RefusedError

from ..access import contracts as access
from ..models import Contract, Exclusion, Invoice, Kpi, QueueDay, Result, ResultLine, SiteCover, Statement
from ..models.sums import DirtyBucket
from ..queries import agreements, contracts, definitions
from ..queries.contracts import Card
from ..queries.scores import scores, shown, worth
from ..rules import standing
from ..rules.periods import containing
from ..rules.scoring import LineScore, Total
from ..rules.windows import first_of
from . import statements
from .telling import RESULT, tell_other

_PLACES: Final = {
    "value": 6, "numerator": 6, "denominator": 6, "low": 6, "high": 6, "weight": 4, "score": 2, "points": 3,
}  # fmt: skip
COMPARED: Final = ("version_id", "value", "numerator", "denominator", "n", "rag", "weight", "score")


@transaction.atomic
def freeze(*, actor: Actor, site: Any, month: date) -> Result:
    """Keep a month's result for good; one that is frozen already is returned as it is. Raises RefusedError, PermissionDenied.

    A month with a figure that its own formula may still change is not frozen yet: both sides sign what it came to.
    """
    side, acting = access.speaking(actor, site, standing.COMPANY)
    statements.lock(site.pk)
    held = agreements.result_of(site.pk, month)
    if held is not None:
        return held
    _hold_terms(site, month)
    made = _keep(acting, site, month, 1, "")
    record(actor=acting, verb="result.frozen", subject_type="result", subject_id=made.pk, changes=_facts(made))
    tell_other(RESULT, made, "frozen", actor=acting, side=side)
    statements.draft(made, actor=acting, side=side)
    return made


@transaction.atomic
def revise(*, actor: Actor, site: Any, month: date, reason: str) -> Result:
    """Make a frozen month again from what stands now, as a new revision; only if something changed. Raises RefusedError.

    What a half-signed statement earns back is something too: the revision has a statement of its own.
    """
    side, acting = access.speaking(actor, site, standing.COMPANY)
    if not reason.strip():
        raise RefusedError("reason_missing", "reason")
    statements.lock(site.pk)
    held = agreements.result_of(site.pk, month)
    if held is None:
        raise RefusedError("not_frozen")
    _hold_terms(site, month)
    card, total = _settled(site, month)
    statement = Statement.objects.filter(result=held).first()
    if not differs(held, card, total, month) and not (statement and statements.is_behind(statement)):
        raise RefusedError("unchanged", None, {"revision": held.revision})
    made = _keep(acting, site, month, held.revision + 1, reason.strip(), (card, total))
    record(actor=acting, verb="result.revised", subject_type="result", subject_id=made.pk, changes=_facts(made))
    tell_other(RESULT, made, "revised", actor=acting, side=side)
    statements.draft(made, actor=acting, side=side)
    return made


@transaction.atomic
def set_invoice(*, actor: Actor, site: Any, month: date, amount: Decimal, currency: str) -> Invoice:
    """Enter what a site's month costs; a draft statement follows it until somebody signed. Raises RefusedError, PermissionDenied."""
    side, acting = access.speaking(actor, site, standing.COMPANY)
    statements.lock(site.pk)
    cards = contracts.cards([site.pk], month)
    if site.pk not in cards:
        raise RefusedError("no_contract")
    held = Result.objects.filter(site=site, month=month).order_by("-revision").first()
    statement = Statement.objects.filter(result=held).first() if held else None
    if statement is not None and (statement.company_by_id or statement.partner_by_id):
        raise RefusedError("invoice_signed", "amount")
    before = agreements.invoice_of(site.pk, month)
    values = {"contract": cards[site.pk].contract, "amount": amount, "currency": currency}
    made, _new = Invoice.objects.update_or_create(site=site, month=month, defaults=values)
    changes = {
        "site_id": site.pk, "month": month.isoformat(),
        "amount": [before and str(before.amount), str(amount)], "currency": [before and before.currency, currency],
    }  # fmt: skip
    record(actor=acting, verb="invoice.set", subject_type="invoice", subject_id=made.pk, changes=changes)
    if held is not None:
        statements.draft(held, actor=acting, side=side)
    return made


def preview(site: Any, month: date) -> tuple[Card, Total]:
    """What would be frozen now, provisional or not. Raises RefusedError when there is nothing to freeze yet."""
    return _computed(site, month)


def check_settled(site: Any, card: Card, total: Total) -> None:
    """Raises RefusedError, with the first day on which it can be frozen, while a figure may still change by its own formula."""
    today = directory.site_today(site)
    late = [
        (line.kpi.label, scored.reading.closes)
        for line, scored in zip(card.lines, total.lines, strict=True)
        if scored.reading.is_provisional(today) and scored.reading.closes is not None
    ]
    if late:
        day = max(closes for _name, closes in late) + timedelta(days=1)
        raise RefusedError("provisional", None, {"kpis": ", ".join(name for name, _closes in late), "day": day})


def differs(held: Result, card: Card, total: Total, month: date) -> bool:
    """Whether what stands now is anything else than what is frozen."""
    percent = worth(total, card, None).percent
    if (held.score, held.percent, held.schedule_id) != (shown(total.score), percent, card.schedule.pk):
        return True
    kept = {line.kpi_id: tuple(getattr(line, name) for name in COMPARED) for line in held.lines.all()}
    fresh = {one.kpi_id: tuple(getattr(one, name) for name in COMPARED) for one in _rows(card, total, month)}
    return kept != fresh


def _computed(site: Any, month: date) -> tuple[Card, Total]:
    if containing("month", month).last >= directory.site_today(site):
        raise RefusedError("not_over")
    cards = contracts.cards([site.pk], month)
    if site.pk not in cards:
        raise RefusedError("no_contract")
    if not any(terms.weight for terms in cards[site.pk].terms):
        raise RefusedError("no_terms")
    pending = _marked(site, month)
    total = scores([site.pk], month, chosen=cards)[site.pk]
    first, _last = _read(total, month)
    if any(day >= first for day in pending | _marked(site, month)):
        raise RefusedError("sums_pending")
    return cards[site.pk], total


def _marked(site: Any, month: date) -> set[date]:
    """The days up to the month's end whose sums are not made yet. Asked before the sums are read as well as after.

    A worker takes the mark away as it writes the sums: whoever asked afterwards alone could have read the sums from before, and find no mark.
    """
    days = DirtyBucket.objects.filter(site=site, day__lte=containing("month", month).last)
    return set(days.values_list("day", flat=True))


def _settled(site: Any, month: date) -> tuple[Card, Total]:
    card, total = _computed(site, month)
    check_settled(site, card, total)
    return card, total


def _read(total: Total, month: date) -> tuple[date, date]:
    """The days that its figures were read from: those of the month, and of the longest window that ends with it."""
    last, months = containing("month", month).last, max((one.reading.window for one in total.lines), default=0)
    return min(month, first_of(last, months)) if months else month, last


def _keep(
    actor: Actor, site: Any, month: date, revision: int, reason: str, made: tuple[Card, Total] | None = None
) -> Result:
    card, total = made or _settled(site, month)
    gate = Kpi.objects.filter(code=total.gated_by).first() if total.gated_by else None
    result = Result.objects.create(
        schedule=card.schedule, site=site, month=month, revision=revision, score=shown(total.score),
        percent=worth(total, card, None).percent, gated_by=gate, reason=reason, frozen_by_id=actor.user_id,
        inputs=_inputs(site, month, total),
    )  # fmt: skip
    rows = _rows(card, total, month)
    for row in rows:
        row.result = result
    ResultLine.objects.bulk_create(rows)
    return result


def _rows(card: Card, total: Total, month: date) -> list[ResultLine]:
    versions = definitions.versions_of([kpi.pk for kpi in card.kpis])
    last = containing("month", month).last
    found = []
    for line, scored in zip(card.lines, total.lines, strict=True):
        version = line.version or definitions.in_force(versions[line.kpi_id], last) or versions[line.kpi_id][-1]
        found.append(ResultLine(kpi=line.kpi, version=version, **_line_values(scored)))
    return found


def _line_values(scored: LineScore) -> dict[str, Any]:
    read = scored.reading
    exact = {
        "value": read.value, "numerator": read.numerator, "denominator": read.denominator, "low": read.low,
        "high": read.high, "weight": scored.weight, "score": scored.score, "points": scored.points,
    }  # fmt: skip
    rounded = {name: None if value is None else round(value, _PLACES[name]) for name, value in exact.items()}
    return {**rounded, "n": read.n, "rag": scored.verdict.rag}


def _inputs(site: Any, month: date, total: Total) -> Mapping[str, Any]:
    """What the figures were made from."""
    (first, last), zone = _read(total, month), ZoneInfo(site.time_zone)
    days = QueueDay.objects.filter(site=site, day__gte=first, day__lte=last)
    newest = days.order_by("-computed_at").values_list("computed_at", flat=True).first()
    since, until = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    exclusions = Exclusion.objects.filter(site=site, state="approved", period__overlap=DateTimeTZRange(since, until))
    touched = days.filter(excluded=True).exists()
    return {
        "exclusions": list(exclusions.order_by("pk").values_list("pk", flat=True)) if touched else [],
        "carried": {one.terms.kpi: str(shown(one.score)) for one in total.lines if one.carried},
        "versions": {one.terms.kpi: list(one.reading.versions) for one in total.lines},
        "days": {one.terms.kpi: one.reading.days for one in total.lines if one.reading.days},
        "why": {one.terms.kpi: one.verdict.why for one in total.lines if one.verdict.why},
        "computed_at": newest.isoformat() if newest else None,
        "frozen_at": timezone.now().isoformat(),
    }


def _facts(made: Result) -> dict[str, object]:
    return {
        "site_id": made.site_id, "month": made.month.isoformat(), "revision": made.revision,
        "score": None if made.score is None else str(made.score), "percent": str(made.percent),
    }  # fmt: skip


def _hold_terms(site: Any, month: date) -> None:
    """Nobody changes the contract from here on: whoever is about to is waited for, as whoever writes one locks it first."""
    covering = SiteCover.objects.filter(site=site, period__contains=month).values("contract")
    list(Contract.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=covering))
