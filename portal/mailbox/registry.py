"""Handlers of incoming mail. A wing registers one per kind of mailbox in `AppConfig.ready`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as its wing gets it. `text` is what was written now, `quoted` what it answers; both plain text.

    `html` is the body as it was written, made harmless, "" if there is none; `answers` are Message-IDs that it refers to.
    `automatic`, `matched_by`: values of `choices.Automatic` and `choices.MatchedBy`. `reference` as "AR-1182", "" if
    none. `file_ids` are owned by this message; `portal.files.actions.move` hangs them on something else.
    """

    id: int
    mailbox_id: int
    mailbox_address: str
    message_id: str
    reference: str
    matched_by: str
    automatic: str
    sender: str
    sender_name: str
    recipients: Sequence[str]
    subject: str
    text: str
    quoted: str
    html: str
    answers: Sequence[str]
    sent_at: datetime
    received_at: datetime
    file_ids: Sequence[uuid.UUID]


class NotTakenError(Exception):
    """A wing does not take a message, and trying again would not change that: it is shown to administrators, with the
    reason in one line."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message: the object it went to, if any, for the administrators' list. `repeats`: its words stand there
    already, by way of another mailbox, so that they and its files are not kept a second time."""

    subject_type: str = ""
    subject_id: int | None = None
    repeats: bool = False


def _none(references: Collection[str]) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Handler:
    """Takes messages in, within the transaction that marks them done, so that they count once. Raising NotTakenError means no, anything
    else: later. `hidden`: which of some references and Message-IDs name what is out of sight of administrators, so that they
    read nothing of a message in trouble that refers to it, or that is a copy of what stands there."""

    kind: str
    label: StrOrPromise
    handle: Callable[[Incoming], Outcome]
    hidden: Callable[[Collection[str]], Collection[str]] = _none


_handlers: dict[str, Handler] = {}


def register_handler(handler: Handler) -> None:
    """Add a kind of mailbox. Raises ValueError if another handler has it."""
    if _handlers.setdefault(handler.kind, handler) != handler:
        raise ValueError(f"mail handler {handler.kind!r} is taken")


def unregister_handler(kind: str) -> None:
    """Forget a kind; for tests."""
    _handlers.pop(kind, None)


def handler_of(kind: str) -> Handler:
    """The handler of this kind. Raises LookupError if no wing registered it (any more)."""
    if kind not in _handlers:
        raise LookupError(f"no wing takes mail of kind {kind!r}")
    return _handlers[kind]


def handlers() -> Mapping[str, Handler]:
    """All handlers by kind."""
    return dict(_handlers)
