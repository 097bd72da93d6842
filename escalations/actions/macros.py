"""Macros: written, archived, and run. A run is the acts themselves, all of them or none."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from escalations import access, queries, rules
from escalations.choices import Channel, Direction, Reason, Verb
from escalations.choices import Outcome as ContactOutcome
from escalations.choices.replies import MAX_BODY, VARIABLES, ReplyLanguage
from escalations.models import Case, Macro
from escalations.queries import mail as mails
from escalations.rules import rendering
from portal.accounts.rules import Actor
from portal.audit import actions as audit

from ._base import Refused, known, locked, moment, required, save, trail, words
from .assign import assign
from .configuration import may_configure, may_configure_service, same_version
from .mail_out import send_mail
from .replies import Used, check_filled
from .state import set_state
from .talk import add_note, log_contact

_SIGNATURES = {ReplyLanguage.ENGLISH.value: "en", ReplyLanguage.CHINESE.value: "zh"}
_VERBS = ("", *(verb for verb in Verb.values if verb != Verb.REJECT))


@dataclass(frozen=True, slots=True)
class Acts:
    """What a macro is called and does: take the case, note (in Chinese, too, if it has one in English), reply (a template's id),
    change the state."""

    name: str
    name_zh: str = ""
    take: bool = False
    note: str = ""
    note_zh: str = ""
    reply_id: int | None = None
    verb: str = ""


@transaction.atomic
def add_macro(*, actor: Actor, service_id: int | None, acts: Acts) -> Macro:
    """A new macro, of a service or of all. Raises Refused, Http404."""
    acting = _permitted(actor, service_id)
    macro = Macro(service_id=service_id)
    _write(macro, acts)
    _trail(acting, "macro.added", macro)
    return macro


@transaction.atomic
def change_macro(*, actor: Actor, macro_id: int, acts: Acts, expected_version: int | None = None) -> Macro:
    """Another name or other acts; what was done by it stays done. Raises Refused, Http404."""
    macro = access.get_macro(actor, macro_id, for_update=True)
    acting = _permitted(actor, macro.service_id)
    same_version(macro.version, expected_version)
    macro.version += 1
    _write(macro, acts)
    _trail(acting, "macro.changed", macro)
    return macro


@transaction.atomic
def archive_macro(*, actor: Actor, macro_id: int, archived: bool = True, expected_version: int | None = None) -> Macro:
    """Offer it no more, or again. Raises Refused, Http404."""
    macro = access.get_macro(actor, macro_id, for_update=True)
    acting = _permitted(actor, macro.service_id)
    same_version(macro.version, expected_version)
    macro.archived_at = timezone.now() if archived else None
    macro.version += 1
    macro.save(update_fields=["archived_at", "version"])
    _trail(acting, "macro.archived" if archived else "macro.restored", macro)
    return macro


def run_macro(
    *,
    actor: Actor,
    ref: str | int,
    macro_id: int,
    note: str = "",
    text: str = "",
    used: Used | None = None,
    expected_version: int | None = None,
    expected_macro: int | None = None,
    expected_address: str | None = None,
    duties: Sequence[str] = (),
    reason: str = "",
    at: datetime | None = None,
) -> Case:
    """Do all that a macro does, by the same actions as one by one, or nothing of it: each rule is asked, a required open step
    blocks resolving, a template is stopped over what is known. `note` and `text` are its words as they were seen and
    filled in; the versions those of the case and of the macro then, the address ("": none) to which the reply was to be mailed.
    The reply is mailed now, or, without an address or a mailbox, logged as sent. `duties`: the answers by law that the mail
    is; what is not mailed is none. `reason`: why the case ends although the law waits. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        macro = queries.macros_for(case.service_id).filter(pk=macro_id).first()
        if macro is None:
            there = queries.macros_of(case.service_id).filter(pk=macro_id).exists()
            raise Refused(Reason.MACRO_TEMPLATE_ARCHIVED if there else Reason.UNKNOWN_VALUE)
        same_version(macro.version, expected_macro)
        acting = required(actor, rules.may_work(actor, queries.facts_of(actor, case)))
        save(case, when)  # notes and replies alone overwrite nothing: sent twice, the second is stale all the same
        trail(acting, "case.macro_run", case, {"macro": macro.pk})
        if macro.take and case.owner_id != actor.user_id:
            assign(actor=actor, ref=case.pk, owner_id=actor.user_id, at=at)
        if macro.note:
            add_note(actor=actor, ref=case.pk, text=check_filled(note), shared=False, at=when)
        if duties and macro.reply_id is None:
            raise Refused(Reason.NOT_POSSIBLE)
        if macro.reply_id is not None:
            to = mails.answer_to(actor, case) if at is None else ""  # nothing is mailed in the past
            if expected_address not in (None, to):
                raise Refused(Reason.STALE)
            _reply(actor, case, words(text, needed=Reason.TEXT_NEEDED), used, to, when, duties)
        if macro.verb:
            set_state(actor=actor, ref=case.pk, verb=macro.verb, reason=reason, at=at)
        return access.get_case(actor, case.pk)


def _reply(
    actor: Actor, case: Case, text: str, used: Used | None, to: str, at: datetime, duties: Sequence[str]
) -> None:
    if to:
        signature = _SIGNATURES.get(used.language, "") if used else ""
        said = {"to": to, "subject": case.subject, "text": text, "signature": signature}
        send_mail(actor=actor, ref=case.pk, once=uuid.uuid4(), used=used, duties=duties, **said)
        return
    if duties:
        raise Refused(Reason.NOT_POSSIBLE)
    channel = case.channel if case.channel != Channel.IMPORT else Channel.EMAIL.value
    out, sent = Direction.OUTBOUND.value, ContactOutcome.SENT.value
    log_contact(actor=actor, ref=case.pk, channel=channel, direction=out, outcome=sent, text=text, used=used, at=at)


def _permitted(actor: Actor, service_id: int | None) -> Actor:
    if service_id is None:
        return may_configure(actor)
    return may_configure_service(actor, access.get_service(actor, service_id))


def _write(macro: Macro, acts: Acts) -> None:
    macro.name = words(acts.name, needed=Reason.NAME_NEEDED, limit=120)
    macro.name_zh = words(acts.name_zh, limit=120)
    macro.take, macro.verb = acts.take, known(acts.verb, _VERBS)
    macro.note, macro.note_zh = (_readable(words(said, limit=MAX_BODY)) for said in (acts.note, acts.note_zh))
    if macro.note_zh and not macro.note:
        raise Refused(Reason.NOTE_NEEDED)
    macro.reply_id = _offered(macro, acts.reply_id)
    if not (macro.take or macro.note or macro.reply_id or macro.verb):
        raise Refused(Reason.MACRO_EMPTY)
    try:
        with transaction.atomic():
            macro.save()
    except IntegrityError as error:
        raise Refused(Reason.NAME_TAKEN) from error


def _readable(text: str) -> str:
    try:
        rendering.parse(text, VARIABLES)
    except rendering.BadTemplateError as error:
        raise Refused(Reason.TEMPLATE_UNREADABLE) from error
    return text


def _offered(macro: Macro, template_id: int | None) -> int | None:
    """A template that every case may use on which the macro is run, or the one that it has already."""
    if template_id is None or template_id == macro.reply_id:
        return template_id
    offered = {one.template_id for one in queries.templates_for(macro.service_id or 0)}
    if template_id not in offered:
        raise Refused(Reason.UNKNOWN_VALUE)
    return template_id


def _trail(actor: Actor, verb: str, macro: Macro) -> None:
    audit.record(actor=actor, verb=verb, subject_type="macro", subject_id=macro.pk)
