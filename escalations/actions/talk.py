"""What is said: notes among ourselves or with the partner, contacts with the customer, and taking words back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from escalations import access, queries, rules
from escalations.choices import Channel, Direction, Entry, Reason, State, Verb
from escalations.choices import Outcome as ContactOutcome
from escalations.models import Case, EntryBody, TimelineEntry
from escalations.queries.briefs import words_left_by
from escalations.queries.shifts import copied_to_lines
from portal.accounts.rules import Actor

from . import clocks
from ._base import Refused, add_entry, known, locked, moment, required, touch, trail, words
from .briefs import forget_in_briefs
from .channels_in import forget_channel
from .coming_in import hold
from .evidence import forget_packs
from .mail_out import forget_mail
from .mentions import keep_mentions
from .playbooks import forget_step_files
from .replies import Used, check_filled, keep_use
from .state import shift
from .statutory import answer_with, forget_response_files
from .subjects import cases_split_from, forget_subject, subject_given
from .undelivered import answered_in


def add_note(*, actor: Actor, ref: str | int, text: str, shared: bool, at: datetime | None = None) -> TimelineEntry:
    """A note, internal or shared with the partner. Nobody's form goes stale by it. Raises Refused, Http404."""
    when = moment(at)
    kept = words(text, needed=Reason.TEXT_NEEDED)
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_note(actor, queries.facts_of(actor, case), internal=not shared))
        entry = add_entry(
            case, acting, Entry.NOTE, "note.added", when, params={"shared": shared}, text=kept, internal=not shared
        )
        if not shared:
            keep_mentions(acting, case, entry, kept)
        touch(case, when)
        trail(acting, "case.noted", case, {"entry": entry.pk, "shared": shared})
        return entry


def log_contact(
    *,
    actor: Actor,
    ref: str | int,
    channel: str,
    direction: str,
    outcome: str,
    text: str,
    used: Used | None = None,
    duties: Sequence[str] = (),
    at: datetime | None = None,
) -> TimelineEntry:
    """A contact with the customer at an instant not before the case. Outward, it meets the clocks of replies; inward,
    it starts one, and ends waiting for the customer. `used`: the template that the words were made from, if any.
    `duties`: the answers by law that it is. Raises Refused, also while something is to be filled in, and Http404."""
    when, kept = moment(at), check_filled(words(text))
    with locked(actor, ref) as case:
        acting = required(actor, rules.can_contact(actor, queries.facts_of(actor, case)))
        if when < case.opened_at:
            raise Refused(Reason.BEFORE_OPENED)
        columns: dict[str, Any] = {
            "channel": known(channel, Channel.values),
            "direction": known(direction, Direction.values),
            "outcome": known(outcome, ContactOutcome.values),
        }
        entry = add_entry(case, acting, Entry.CONTACT, "contact.logged", when, params=columns, text=kept, **columns)
        if used is not None:
            keep_use(acting, case, entry, used, when)
        touch(case, when)
        trail(acting, "case.contact_logged", case, {"entry": entry.pk, **columns})
        _move_clocks(acting, case, direction, when)
        answer_with(actor=actor, entry=entry, duties=duties)
        return entry


def _move_clocks(acting: Actor, case: Case, direction: str, at: datetime) -> None:
    if direction == Direction.OUTBOUND:
        clocks.answered(acting, case, at)
        return
    if case.state == State.WAITING_CUSTOMER:
        shift(acting, case, Verb.RESUME.value, at, auto=True)
    clocks.asked(acting, case, at)


@transaction.atomic
def redact_entry(*, actor: Actor, ref: str | int, entry_id: int, at: datetime | None = None) -> TimelineEntry:
    """Remove the words of an entry for good, of the lines of a shift that were begun with them, and the subject that the case
    began with by them; that they were there, and who removed them, stays. Raises Refused, Http404."""
    when = moment(at)
    # A letter that now never goes may be owed again, where the case goes on; what was split off may have the same subject.
    pk = access.get_case(actor, ref).pk
    hold(pk, also=[*cases_split_from(pk, entry_id), *answered_in(entry_id)])
    with locked(actor, ref) as case:
        entry = access.get_entry(actor, case, entry_id)
        acting = required(actor, rules.can_redact(actor, queries.facts_of(actor, case), entry.actor_id))
        body = EntryBody.objects.select_for_update().filter(entry=entry).first()
        if body is None:
            raise Http404
        if body.redacted_at is not None and not words_left_by(entry):
            raise Refused(Reason.ALREADY_REDACTED)
        copies, given = copied_to_lines(entry, body.text), subject_given(entry)
        for one in (body, *copies):
            _empty(acting, one)
        forget_subject(acting, case, entry, when, given)
        forget_packs(case)
        touch(case, when)
        for emptied in (entry, *(copy.entry for copy in copies)):
            params = {"entry": emptied.pk}
            add_entry(case, acting, Entry.DETAILS, "entry.redacted", when, params=params, internal=emptied.is_internal)
            trail(acting, "case.entry_redacted", case, params)
        return entry


def _empty(acting: Actor, body: EntryBody) -> None:
    """Remove the words of one entry, and what else of them the product keeps with it."""
    entry, said = body.entry, body.text
    if body.redacted_at is None:
        body.text, body.redacted_at, body.redacted_by_id = "", timezone.now(), acting.user_id
        body.save(update_fields=["text", "redacted_at", "redacted_by"])
    forget_mail(entry)
    forget_channel(entry)
    forget_step_files(entry)
    forget_in_briefs(entry, said, acting.user_id)
    forget_response_files(entry)
