"""What every action on a case does: lock, re-read, ask the rule, write, leave a trail."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise

from escalations import access, queries, rules
from escalations.choices import MAX_TEXT, Entry, Reason
from escalations.models import Case, TimelineEntry
from portal.accounts.rules import Actor
from portal.audit import actions as audit

from .entry_sql import insert_entry
from .events_out import entries_written

Undo = dict[str, Any]


class Refused(Exception):  # noqa: N818  an answer, not an error
    """A rule says no. `code` is a value of `choices.Reason`, `words` what its text names; str() gives it in the reader's
    language."""

    def __init__(self, code: str, **words: str) -> None:
        super().__init__(code)
        self.code, self.words = str(code), words

    @property
    def message(self) -> str | Promise:
        """Why, for the person who tried."""
        label = Reason(self.code).label
        return str(label) % self.words if self.words else label

    def __str__(self) -> str:
        return str(self.message)


class Stale(Exception):  # noqa: N818  an answer, not an error
    """The case moved on since the person read it. Nothing was written.

    `what` is the code of the latest change ("" if there is none), `changed_by_name` "" when the system made it.
    """

    def __init__(self, case: Case, changed_by_name: str, changed_at: datetime, what: str) -> None:
        super().__init__(case.ref)
        self.case, self.changed_by_name, self.changed_at, self.what = case, changed_by_name, changed_at, what

    @property
    def message(self) -> str | Promise:
        """The short form; pages say who and when."""
        return Reason.STALE.label


@dataclass(frozen=True, slots=True)
class Outcome:
    """The case as it is now; `undo`: what would take the act back ("operation" and the arguments), if anything does."""

    case: Case
    undo: Undo | None = None


@contextmanager
def locked(actor: Actor, ref: str | int, expected_version: int | None = None) -> Iterator[Case]:
    """The case, locked and read again, in one transaction. Raises Http404, and Stale if another version was expected."""
    with transaction.atomic():
        case = access.get_case(actor, ref, for_update=True)
        if expected_version is not None and case.version != expected_version:
            raise stale(case)
        yield case


def stale(case: Case) -> Stale:
    """Who moved the case on, when and by what."""
    last = queries.last_change(case)
    if last is None:
        return Stale(case, "", case.updated_at, "")
    return Stale(case, last.actor.name if last.actor else "", last.recorded_at, last.code)


def required(actor: Actor, verdict: rules.Verdict) -> Actor:
    """The actor under the standing that allows it. Raises Refused."""
    if isinstance(verdict, rules.Denied):
        raise Refused(verdict.code)
    return actor.acting_as(verdict.standing) if verdict.standing else actor


def moment(at: datetime | None) -> datetime:
    """When it happens: now, unless a builder of past data says otherwise. Raises Refused for the future."""
    now = timezone.now()
    if at is not None and at > now:
        raise Refused(Reason.IN_FUTURE)
    return at or now


def words(text: str, *, needed: str = "", limit: int = MAX_TEXT) -> str:
    """The text as it is kept: trimmed, without NUL. Raises Refused if it is too long, or empty and `needed` is a reason."""
    kept = text.replace("\x00", "").strip()
    if len(kept) > limit:
        raise Refused(Reason.TEXT_TOO_LONG)
    if needed and not kept:
        raise Refused(needed)
    return kept


def known(value: str, values: Iterable[str]) -> str:
    """The value, if it is one of those. Raises Refused."""
    if value not in set(values):
        raise Refused(Reason.UNKNOWN_VALUE)
    return str(value)


def save(case: Case, at: datetime, *names: str) -> None:
    """Write these columns and count the change."""
    case.version += 1
    case.updated_at = max(case.updated_at, at)
    case.save(update_fields=[*names, "version", "updated_at"])


def touch(case: Case, at: datetime) -> None:
    """Something was added to the case that overwrites nothing, so nobody's form goes stale."""
    case.updated_at = max(case.updated_at, at)
    case.save(update_fields=["updated_at"])


def add_entry(
    case: Case,
    actor: Actor,
    kind: Entry,
    code: str,
    at: datetime,
    *,
    params: Mapping[str, Any] | None = None,
    text: str = "",
    internal: bool = True,
    **columns: Any,
) -> TimelineEntry:
    """One entry in the stream, with its words if it has any."""
    entry = TimelineEntry(
        case=case,
        at=at,
        kind=kind,
        code=code,
        params=dict(params or {}),
        actor_id=actor.user_id,
        on_behalf_of_id=actor.principal_id,
        is_internal=internal,
        **columns,
    )
    if insert_entry(entry, text):
        entries_written([entry], case)
    return entry


def add_reason(case: Case, actor: Actor, at: datetime, text: str) -> None:
    """Why somebody did something: an internal note of its own, so that the entry before it can be shared."""
    if text:
        add_entry(case, actor, Entry.NOTE, "note.reason", at, text=text)


def trail(actor: Actor, verb: str, case: Case, changes: Mapping[str, object] | None = None) -> None:
    """One row in the audit trail: codes and ids, no words."""
    audit.record(actor=actor, verb=verb, subject_type="case", subject_id=case.pk, changes=changes)
