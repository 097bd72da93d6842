"""Reads a mailbox by IMAP: fetch, keep, commit, and only then mark as seen. A kill in between costs a second fetch."""

from __future__ import annotations

import imaplib
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import connection
from django.utils import timezone
from imap_tools import AND, BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted, MailMessageFlags
from imap_tools.errors import ImapToolsError

from portal.mailbox.choices import Security
from portal.mailbox.heads import head_of
from portal.mailbox.intake import MAX_RAW, keep
from portal.mailbox.models import Mailbox
from portal.sealing import SealBrokenError

logger = logging.getLogger(__name__)
TIMEOUT: Final = 20  # seconds for one command
AT_ONCE: Final = 200
_LOCKS: Final = 0x6D61696C  # "mail": the first half of the advisory lock's key
_FAILED: Final = (ImapToolsError, OSError, SealBrokenError, imaplib.IMAP4.abort)


def poll(mailbox: Mailbox) -> int:
    """Read what is new. Returns how many messages were kept; 0 also if another worker is at it. Notes what went wrong."""
    with _lock(mailbox.pk) as mine:
        if not mine:
            return 0
        mailbox.refresh_from_db()
        kept, error = 0, ""
        try:
            with _connected(mailbox) as box:
                kept = _read(mailbox, box)
        except Exception as failure:  # imaplib's own errors derive from nothing narrower
            if not isinstance(failure, _FAILED):
                logger.warning("Mailbox %s cannot be read", mailbox.pk, exc_info=True)
            error = " ".join(f"{type(failure).__name__}: {failure}".replace("\0", "").split())[:300]
        mailbox.last_polled_at, mailbox.last_error = timezone.now(), error
        mailbox.save(update_fields=["last_polled_at", "last_error", "last_uid", "uid_validity"])
        return kept


@contextmanager
def _lock(mailbox_id: int) -> Iterator[bool]:
    """True for one worker at a time; the database lets go of it when the worker dies."""
    key = [_LOCKS, mailbox_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (mine,) = cursor.fetchone()
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


@contextmanager
def _connected(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    box: BaseMailBox
    if mailbox.security == Security.TLS:
        box = MailBox(mailbox.host, mailbox.port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    elif mailbox.security == Security.STARTTLS:
        box = MailBoxStartTls(mailbox.host, mailbox.port, timeout=TIMEOUT, ssl_context=ssl.create_default_context())
    else:
        box = MailBoxUnencrypted(mailbox.host, mailbox.port, timeout=TIMEOUT)
    try:
        yield box.login(mailbox.username, mailbox.password, initial_folder=mailbox.folder)
        with suppress(*_FAILED, box.client.error):
            box.logout()
    finally:
        with suppress(OSError):
            box.client.shutdown()


def _read(mailbox: Mailbox, box: BaseMailBox) -> int:
    _forget_if_renumbered(mailbox, box)
    # Unseen ones, and those that somebody looked at by hand before we did.
    wanted = set(box.uids(AND(seen=False)))
    if mailbox.last_uid:
        wanted |= {uid for uid in box.uids(f"UID {mailbox.last_uid + 1}:*") if int(uid) > mailbox.last_uid}
    kept = 0
    for uid in sorted(wanted, key=int)[:AT_ONCE]:
        try:
            _take(mailbox, box, uid)
        except _FAILED:
            raise
        except Exception:
            logger.exception("Message %s of mailbox %s could not be kept; it stays unseen there", uid, mailbox.pk)
        else:
            kept += 1
            mailbox.last_uid = max(mailbox.last_uid, int(uid))
    return kept


def _forget_if_renumbered(mailbox: Mailbox, box: BaseMailBox) -> None:
    """A folder that was made anew counts its messages anew."""
    _kind, found = box.client.response("UIDVALIDITY")
    validity = int(found[0]) if found and found[0] else None
    if validity != mailbox.uid_validity:
        mailbox.uid_validity, mailbox.last_uid = validity, 0


def _take(mailbox: Mailbox, box: BaseMailBox, uid: str) -> None:
    cut_off = _size(box, uid) > MAX_RAW
    raw = _fetched(box, uid, "BODY.PEEK[HEADER]" if cut_off else "BODY.PEEK[]")
    if raw is not None:
        # What a server says of a size is no promise.
        if len(raw) > MAX_RAW:
            raw, cut_off = head_of(raw), True
        keep(mailbox, raw, cut_off=cut_off)
        box.flag(uid, MailMessageFlags.SEEN, True)


def _size(box: BaseMailBox, uid: str) -> int:
    _status, data = box.client.uid("FETCH", uid, "(RFC822.SIZE)")
    text = b" ".join(one if isinstance(one, bytes) else b" ".join(one) for one in data if one)
    found = re.search(rb"RFC822\.SIZE (\d+)", text)
    return int(found[1]) if found else 0


def _fetched(box: BaseMailBox, uid: str, what: str) -> bytes | None:
    """The bytes of a message; None if it is gone meanwhile."""
    _status, data = box.client.uid("FETCH", uid, f"({what})")
    return next((bytes(one[1]) for one in data if isinstance(one, tuple)), None)
