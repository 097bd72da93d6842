"""Asking a colleague about a case without giving it away: a question, until when, and the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone

from escalations import access, queries
from escalations.choices import Entry, Reason
from escalations.choices.handing import LONGEST_CONSULT, ConsultState
from escalations.models import Case, Consult
from escalations.rules import handing
from portal.accounts.queries import actors_of
from portal.accounts.rules import Actor
from portal.notifications.queries import is_waiting

from ._base import Refused, add_entry, locked, moment, required, touch, trail, words
from .telling import tell


def ask_colleague(
    *, actor: Actor, ref: str | int, user_id: int, question: str, due_at: datetime, at: datetime | None = None
) -> Consult:
    """Ask somebody, who reads the case until they have answered. They are told. Raises Refused, Http404."""
    when, text = moment(at), words(question, needed=Reason.TEXT_NEEDED)
    with locked(actor, ref) as case:
        facts = queries.facts_of(actor, case)
        acting = required(actor, handing.can_ask(actor, facts))
        if not when < due_at <= when + LONGEST_CONSULT:
            raise Refused(Reason.DUE_UNFIT)
        if user_id == actor.user_id:
            raise Refused(Reason.ASKED_ONESELF)
        opened = handing.opens(actor, facts)
        _check_asked(case, user_id, opened)
        if Consult.objects.filter(case=case, to_user=user_id, state=ConsultState.OPEN).exists():
            raise Refused(Reason.ALREADY_ASKED)
        params = {"user": user_id, "due": due_at.isoformat()}
        entry = add_entry(case, acting, Entry.CONSULT, "consult.asked", when, params=params, text=text)
        consult = Consult.objects.create(
            case=case, question=entry, asked_by_id=acting.user_id or 0, to_user_id=user_id, opens=opened,
            asked_at=when, due_at=due_at,
        )  # fmt: skip
        touch(case, when)
        trail(acting, "case.consult_asked", case, {"user": user_id})
        tell("case.consult_asked", str(consult.pk), {"case": case.pk, "user": user_id, "consult": consult.pk})
        return consult


def _check_asked(case: Case, user_id: int, opened: str) -> None:
    now = timezone.now()
    person = actors_of([user_id], now).get(user_id)
    if person is None or not handing.can_be_asked(person, queries.facts_of(person, case, now), opened):
        raise Refused(Reason.CANNOT_BE_ASKED)


@contextmanager
def _settling(actor: Actor, consult_id: int) -> Iterator[tuple[Case, Consult]]:
    """The case and its question, locked and read again. Raises Http404, and Refused if the question is settled."""
    found = access.get_consult(actor, consult_id)
    with locked(actor, found.case_id) as case:
        consult = Consult.objects.select_for_update(no_key=True).get(pk=found.pk)
        if consult.state != ConsultState.OPEN:
            raise Refused(Reason.CONSULT_SETTLED)
        yield case, consult


def answer_consult(*, actor: Actor, consult_id: int, text: str, at: datetime | None = None) -> Consult:
    """Answer what one was asked; with it ends what the question opened. Whoever asked is told. Raises Refused, Http404."""
    when, kept = moment(at), words(text, needed=Reason.TEXT_NEEDED)
    with _settling(actor, consult_id) as (case, consult):
        acting = required(actor, handing.can_answer(actor, queries.facts_of(actor, case), consult.to_user_id))
        params = {"user": consult.asked_by_id}
        entry = add_entry(case, acting, Entry.CONSULT, "consult.answered", when, params=params, text=kept)
        consult.answer = entry
        _settle(acting, case, consult, ConsultState.ANSWERED, when)
        tell("case.consult_answered", str(consult.pk), {"case": case.pk, "user": consult.asked_by_id})
        return consult


def withdraw_consult(*, actor: Actor, consult_id: int, at: datetime | None = None) -> Consult:
    """The question needs no answer any more, and opens nothing any more. Whoever was asked is told, unless they had not heard of
    it or take it back themselves. Raises Refused, Http404."""
    when = moment(at)
    with _settling(actor, consult_id) as (case, consult):
        acting = required(actor, handing.can_take_back(actor, queries.facts_of(actor, case), consult.asked_by_id))
        params = {"user": consult.to_user_id}
        add_entry(case, acting, Entry.CONSULT, "consult.withdrawn", when, params=params)
        _settle(acting, case, consult, ConsultState.WITHDRAWN, when)
        if consult.to_user_id != actor.user_id and not is_waiting(f"case.consult_asked:{consult.pk}"):
            payload = {"case": case.pk, "user": consult.to_user_id, "consult": consult.pk}
            tell("case.consult_withdrawn", str(consult.pk), payload)
        return consult


def _settle(acting: Actor, case: Case, consult: Consult, state: ConsultState, at: datetime) -> None:
    consult.state, consult.settled_at = state, max(at, consult.asked_at)
    consult.save(update_fields=["state", "settled_at", "answer"])
    touch(case, at)
    trail(acting, f"case.consult_{state}", case, {"user": consult.to_user_id})
