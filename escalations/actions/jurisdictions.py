"""Whose law asks for what: jurisdictions and their terms, kept by administrators. What a term said stays; it is ended."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from escalations.choices import Reason
from escalations.choices.statutory import LONGEST_TERM, DayUnit, Duty
from escalations.models import Jurisdiction, StatutoryTerm
from escalations.queries import statutory as law
from escalations.rules.statutory import NoWorkingDayError, statutory_due
from portal.audit import actions as audit

from ._base import Refused, known, words
from .configuration import may_configure, same_version

if TYPE_CHECKING:
    from portal.accounts.rules import Actor

_CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)


@transaction.atomic
def add_jurisdiction(*, actor: Actor, code: str, name: str, name_zh: str = "", calendar_id: int) -> Jurisdiction:
    """A jurisdiction without terms yet. Raises Refused, also for a code that is taken."""
    acting = may_configure(actor)
    made = Jurisdiction(code=_code(code), calendar_id=calendar_id, **_named(name, name_zh))
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Refused(Reason.CODE_TAKEN) from error
    _trail(acting, "jurisdiction.added", made, {"code": made.code, "calendar": calendar_id})
    return made


@transaction.atomic
def change_jurisdiction(
    *, actor: Actor, pk: int, name: str, name_zh: str, calendar_id: int, expected_version: int | None = None
) -> Jurisdiction:
    """Another name or calendar. Clocks that run keep the calendar they were counted by. Raises Refused, Http404."""
    acting, found = may_configure(actor), _locked(pk)
    same_version(found.version, expected_version)
    found.calendar_id, found.version = calendar_id, found.version + 1
    for key, value in _named(name, name_zh).items():
        setattr(found, key, value)
    found.save()
    _trail(acting, "jurisdiction.changed", found, {"calendar": calendar_id})
    return found


@transaction.atomic
def archive_jurisdiction(*, actor: Actor, pk: int, archived: bool, expected_version: int | None = None) -> Jurisdiction:
    """No case is marked with it any more, or again. Raises Refused, Http404."""
    acting, found = may_configure(actor), _locked(pk)
    same_version(found.version, expected_version)
    found.archived_at, found.version = timezone.now() if archived else None, found.version + 1
    found.save()
    _trail(acting, "jurisdiction.archived" if archived else "jurisdiction.restored", found)
    return found


@transaction.atomic
def set_term(
    *,
    actor: Actor,
    jurisdiction_id: int,
    duty: str,
    amount: int,
    unit: str,
    next_day: bool,
    rolls: bool,
    basis: str,
    basis_zh: str = "",
    link: str = "",
    valid_from: date,
) -> StatutoryTerm:
    """What the law gives for complaints received from a day on; the term in force until then ends there, cases marked by it keep
    theirs. Raises Refused where a later term is there already, Http404."""
    acting, found = may_configure(actor), _locked(jurisdiction_id)
    term = StatutoryTerm(
        jurisdiction=found,
        duty=known(duty, Duty.values),
        amount=amount,
        unit=known(unit, DayUnit.values),
        next_day=next_day,
        rolls=rolls,
        basis=words(basis, needed=Reason.TEXT_NEEDED, limit=300),
        basis_zh=words(basis_zh, limit=300),
        link=_link(link),
        valid=DateRange(valid_from, None, "[)"),
        made_by_id=acting.user_id,
    )
    if not 1 <= amount <= LONGEST_TERM:
        raise Refused(Reason.UNKNOWN_VALUE)
    _check_calendar(term)
    _make_room(term, valid_from)
    term.save()
    _trail(acting, "jurisdiction.term_set", found, {"term": term.pk, "duty": duty, "amount": amount, "unit": unit})
    return term


@transaction.atomic
def end_term(*, actor: Actor, term_id: int, last_day: date) -> StatutoryTerm:
    """The law gives it for complaints received until a day, that day included; before its first day it never held. Raises
    Refused where it has ended, Http404."""
    acting = may_configure(actor)
    term = StatutoryTerm.objects.select_for_update(no_key=True).filter(pk=term_id, valid__upper_inf=True).first()
    if term is None:
        raise Http404
    first = term.valid.lower
    term.valid = DateRange(first, max(first, date.fromordinal(last_day.toordinal() + 1)), "[)")
    term.save(update_fields=["valid"])
    _trail(acting, "jurisdiction.term_ended", term.jurisdiction, {"term": term.pk})
    return term


def _make_room(term: StatutoryTerm, first: date) -> None:
    """End the term that holds on that day. Refused if another one begins on it or later."""
    same = StatutoryTerm.objects.filter(jurisdiction=term.jurisdiction, duty=term.duty, valid__isempty=False)
    if same.filter(Q(valid__startswith__gte=first)).exists():
        raise Refused(Reason.TERM_OVERLAPS)
    for one in same.select_for_update(no_key=True).filter(valid__contains=first):
        one.valid = DateRange(one.valid.lower, first, "[)")
        one.save(update_fields=["valid"])


def _check_calendar(term: StatutoryTerm) -> None:
    """A term that counts or ends on working days needs a calendar that has some."""
    _version, days = law.newest_calendar(term.jurisdiction)
    try:
        statutory_due(timezone.now(), law.rule_of(term), days)
    except NoWorkingDayError as error:
        raise Refused(Reason.NEVER_WORKS) from error


def _code(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise Refused(Reason.CODE_UNFIT)
    return code


def _link(link: str) -> str:
    kept = words(link, limit=500)
    if kept and not kept.startswith(("https://", "http://")):
        raise Refused(Reason.UNKNOWN_VALUE)
    return kept


def _named(name: str, name_zh: str) -> dict[str, str]:
    return {"name": words(name, needed=Reason.NAME_NEEDED, limit=120), "name_zh": words(name_zh, limit=120)}


def _locked(pk: int) -> Jurisdiction:
    found = Jurisdiction.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _trail(acting: Actor, verb: str, subject: Jurisdiction, changes: dict[str, object] | None = None) -> None:
    audit.record(actor=acting, verb=verb, subject_type="jurisdiction", subject_id=subject.pk, changes=changes)
