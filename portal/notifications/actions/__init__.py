"""Writes: telling people, queueing mail, reading, and what administrators do with what failed."""

from portal.notifications.actions.emission import Emission, emit, emit_selected
from portal.notifications.actions.letters import discard, retry
from portal.notifications.actions.mails import (
    forget_letter,
    remember_letter,
    retitle_letters,
    send_again,
    send_letter,
    send_mail,
)
from portal.notifications.actions.notices import mark_all_read, mark_read, notify
from portal.notifications.actions.silence import nothing_queued
from portal.notifications.actions.topics import queue

__all__ = [
    "Emission",
    "discard",
    "emit",
    "emit_selected",
    "forget_letter",
    "mark_all_read",
    "mark_read",
    "nothing_queued",
    "notify",
    "queue",
    "remember_letter",
    "retitle_letters",
    "retry",
    "send_again",
    "send_letter",
    "send_mail",
]
