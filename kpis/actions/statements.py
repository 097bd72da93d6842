"""Statements: drafted from a frozen result and its invoice, signed by two people, one of each side."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.refusals import RefusedError

from ..access import contracts as access
from ..choices import StatementState
from ..models import Result, Statement
from ..queries import agreements, contracts
from ..rules import standing
from ..rules.money import ZERO, Malus, amount_of, earned_back
from ..rules.periods import add_months
from .telling import STATEMENT, tell_other

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
AMOUNTS: Final = ("invoice_amount", "currency", "percent", "amount", "earned_back")


def lock(site_id: int) -> None:
    """Be the only one who freezes, revises, invoices or signs a month of this site until the transaction ends.

    Not of one month alone: what a month earns back hangs on those before it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [f"kpi-result:{site_id}"])


def draft(result: Result, *, actor: Actor, side: str) -> Statement | None:
    """The draft of a result, made or made again as long as nobody signed; None without an invoice. The caller holds the site's lock.

    `side`: for which the actor did what it follows from; the other side hears of it.
    """
    invoice = agreements.invoice_of(result.site_id, result.month)
    if invoice is None:
        return None
    amount = amount_of(invoice.amount, result.percent)
    back = _earned_back(result, invoice.currency)
    values = dict(zip(AMOUNTS, (invoice.amount, invoice.currency, result.percent, amount, back), strict=True))
    held = Statement.objects.select_for_update().filter(result=result).first()
    if held is None:
        made = Statement.objects.create(result=result, **values)
        tell_other(STATEMENT, made, "drafted", actor=actor, side=side)
        return made
    differs = any(getattr(held, name) != value for name, value in values.items())
    if differs and held.company_by_id is None and held.partner_by_id is None:
        Statement.objects.filter(pk=held.pk).update(**values)
        held.refresh_from_db()
        tell_other(STATEMENT, held, "changed", actor=actor, side=side)
    return held


@transaction.atomic
def sign(*, actor: Actor, site: Any, month: date, seen: str) -> Statement:
    """Sign the statement of a month's last revision for one's side. `seen`: the amounts as they were shown (`stamp`).

    Raises RefusedError, PermissionDenied.
    """
    side, acting = access.speaking(actor, site)
    lock(site.pk)
    result = agreements.results_visible_to(actor).filter(site=site, month=month).order_by("-revision").first()
    if result is None:
        raise RefusedError("not_frozen")
    held = Statement.objects.select_for_update().filter(result=result).first()
    if held is None:
        older = Statement.objects.filter(result__site=site, result__month=month).exists()
        raise RefusedError("superseded" if older else "no_statement")
    _check(held, side, acting, seen)
    if is_behind(held):
        raise RefusedError("earned_back_changed")
    now = timezone.now()
    setattr(held, f"{side}_by_id", acting.user_id)
    setattr(held, f"{side}_for_id", acting.principal_id)
    setattr(held, f"{side}_at", now)
    if held.company_by_id and held.partner_by_id:
        held.state = StatementState.SIGNED
    held.save()
    changes = {"side": side, "state": held.state, "amount": str(held.amount), "currency": held.currency}
    record(actor=acting, verb="statement.signed", subject_type="statement", subject_id=held.pk, changes=changes)
    is_signed = held.state == StatementState.SIGNED
    tell_other(STATEMENT, held, "both" if is_signed else "signed", actor=acting, side=side)
    if is_signed:
        _redraft_later(held, acting, side)
    return held


def stamp(statement: Statement) -> str:
    """What somebody signs, in a word: another amount has another stamp."""
    return "|".join(str(getattr(statement, name)) for name in AMOUNTS)


def may_sign(actor: Actor, site: Any, statement: Statement) -> str | None:
    """The side for which the actor may sign, or None. What it earns back is looked at as they sign."""
    try:
        side, acting = access.speaking(actor, site)
        _check(statement, side, acting, stamp(statement))
    except (PermissionDenied, RefusedError):
        return None
    return side


def _check(held: Statement, side: str, acting: Actor, seen: str) -> None:
    if held.state == StatementState.SIGNED:
        raise RefusedError("signed")
    if getattr(held, f"{side}_by_id"):
        raise RefusedError("signed_side")
    other = standing.PARTNER if side == standing.COMPANY else standing.COMPANY
    theirs = [getattr(held, f"{other}_by_id"), getattr(held, f"{other}_for_id")]
    if is_same(theirs, [acting.user_id, acting.principal_id, *acting.principal_ids]):
        raise RefusedError("same_person")
    if seen != stamp(held):
        raise RefusedError("statement_changed")


def is_same(ones: list[int | None], others: list[int | None]) -> bool:
    """Whether two groups of users have a user, or a person behind two users, in common."""
    if standing.same_person(ones, others):
        return True
    people = accounts.person_ids_of([pk for pk in (*ones, *others) if pk is not None])
    return standing.same_person([people.get(pk or 0) for pk in ones], [people.get(pk or 0) for pk in others])


def is_behind(held: Statement) -> bool:
    """Whether an earlier month, signed since one side signed this one, changed what this one earns back. What is signed stays as it is."""
    return held.state == StatementState.DRAFT and held.earned_back != _earned_back(held.result, held.currency)


def _earned_back(result: Result, currency: str) -> Decimal:
    return sum((one.open for one in _earned(result, currency)), ZERO)


def _earned(result: Result, currency: str) -> list[Malus]:
    scale = contracts.card_of(result.schedule).scale
    return earned_back(result.month, result.score, scale, open_maluses(result, currency))


def open_maluses(result: Result, currency: str) -> list[Malus]:
    """What earlier signed statements of the site cost and later ones have not given back, in this currency."""
    open_: list[list[Any]] = []
    for one in agreements.signed_before(result.site_id, result.month):
        if one.currency != currency:
            continue
        left, since = one.earned_back, add_months(one.result.month, -one.result.schedule.earn_back_months)
        for malus in open_:
            back = min(left, malus[1]) if malus[0] >= since else Decimal(0)
            malus[1] -= back
            left -= back
        if one.amount < 0:
            open_.append([one.result.month, -one.amount])
    return [Malus(month, amount) for month, amount in open_ if amount > 0]


def _redraft_later(signed: Statement, actor: Actor, side: str) -> None:
    """What later months earn back depends on what was signed before."""
    result = signed.result
    later = Result.objects.filter(site=result.site_id, month__gt=result.month, statement__state=StatementState.DRAFT)
    for one in later.select_related("schedule__contract").order_by("month"):
        draft(one, actor=actor, side=side)
