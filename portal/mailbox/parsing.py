"""What a message says: headers decoded, body as text, attachments, whether a machine wrote it, what it answers."""

import email
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from itertools import islice
from typing import Final, cast

from portal.files.choices import TYPES
from portal.mailbox.choices import Automatic
from portal.mailbox.heads import MAX_HEAD, UnparsedError, bounded, check_size, head_of, headers_alone
from portal.mailbox.text import MAX_TEXT, decoded, harmless, html_to_text, split_quoted

MAX_FILES: Final = 50
_MAX_COPIES: Final = 5  # of headers of the letter, in a bounce
MAX_ID: Final = 250
_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,248}>")
_ADDRESS: Final = re.compile(r"[^\s<>,;:()\"@]{1,64}@[^\s<>,;:()\"@]{1,190}")
_TO: Final = ("To", "Cc", "Delivered-To", "X-Original-To")
_LINE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Parsed:
    """A message in parts. `answers` are Message-IDs that it refers to, the nearest first."""

    message_id: str
    sender: str
    sender_name: str
    recipients: Sequence[str]
    subject: str
    sent_at: datetime | None
    text: str
    quoted: str
    html: str
    automatic: str
    answers: Sequence[str]
    files: Sequence[Attachment] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Headed:
    """What the head alone says of a message that cannot be read: enough to know what it is about."""

    message_id: str
    sender: str
    recipients: Sequence[str]
    subject: str
    answers: Sequence[str]


def fingerprint(raw: bytes) -> str:
    """What names a message in its mailbox: its Message-ID, else the hash of all of it."""
    found = ""
    try:
        ids = _MESSAGE_ID.findall(str(headers_alone(raw).get("Message-ID", "")))
        found = ids[0] if ids else ""
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it has a hash
        found = ""
    return clean(found) or hashed(raw)


def hashed(raw: bytes) -> str:
    """What names a message that no Message-ID names."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def alike(one: Parsed, other: Parsed) -> bool:
    """Whether two messages under one Message-ID are one: from one sender, of one date, with the same files, and the same words but
    for what a list put below them. The Message-ID alone says little: programs write some over and over again."""
    dates = {found.sent_at for found in (one, other) if found.sent_at is not None}
    if one.sender != other.sender or len(dates) > 1 or _hashes(one) != _hashes(other):
        return False
    short, long = sorted((one.text.strip(), other.text.strip()), key=len)
    if not short:
        return not long and one.subject == other.subject
    below = long.removeprefix(short).lstrip(" \t\r")
    return long.startswith(short) and (not below or below.startswith("\n"))


def _hashes(message: Parsed) -> list[str]:
    return sorted(hashlib.sha256(one.content).hexdigest() for one in message.files)


def parse(raw: bytes) -> Parsed:
    """Read a message. Raises UnparsedError with the reason for whatever cannot be read."""
    check_size(raw)
    try:
        return _parsed(email.message_from_bytes(raw, policy=bounded(raw)))
    except UnparsedError:
        raise
    except Exception as error:  # the library raises many kinds on hostile input
        raise UnparsedError(f"{type(error).__name__}: {error}") from error


def headed(raw: bytes) -> Headed | None:
    """The head of a message, by plain means; None if not even that can be read."""
    try:
        head = headers_alone(raw)
        if not head.keys() or len(head_of(raw)) > MAX_HEAD:
            return None
        said = {name: [str(one) for one in head.get_all(name, [])] for name in ("In-Reply-To", "References", *_TO)}
        ids = [
            one for name in ("In-Reply-To", "References") for one in reversed(_MESSAGE_ID.findall("".join(said[name])))
        ]
        to = [address for name in _TO for value in said[name] for address in _ADDRESS.findall(value)]
        own = _MESSAGE_ID.findall(str(head.get("Message-ID", ""))[:_LINE])
        return Headed(
            message_id=clean(own[0]) if own else "",
            sender=clean(parseaddr(str(head.get("From", ""))[:_LINE])[1])[:254],
            recipients=[clean(address) for address in to],
            subject=" ".join(clean(_words(str(head.get("Subject", ""))[:_LINE])).split())[:500],
            answers=list(dict.fromkeys(clean(one) for one in ids))[:50],
        )
    except Exception:  # noqa: BLE001 - the library raises many kinds on hostile input
        return None


def _words(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, HeaderParseError):
        return value


def clean(text: str) -> str:
    """Text as the database takes it: no NUL, no halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _parsed(message: EmailMessage) -> Parsed:
    senders = _addresses(message, "From")
    if not senders:
        raise UnparsedError("it names no sender")
    parts = list(cast("Iterator[EmailMessage]", message.walk()))
    text, quoted = split_quoted(clean(_body(parts)))
    ids = _ids(message, "In-Reply-To") + list(reversed(_ids(message, "References")))
    automatic = _automatic(message, parts)
    if automatic == Automatic.BOUNCE:
        ids = _bounced(parts) + ids
    return Parsed(
        message_id=(_ids(message, "Message-ID") or [""])[0],
        sender=senders[0][1][:254],
        sender_name=senders[0][0][:200],
        recipients=_recipients(message),
        subject=" ".join(_header(message, "Subject").split())[:500],
        sent_at=_date(message),
        text=text,
        quoted=quoted,
        html=clean(harmless(_html(parts))),
        automatic=automatic,
        answers=list(dict.fromkeys(ids))[:50],
        files=list(_files(parts)),
    )


def _header(message: EmailMessage, name: str) -> str:
    return clean(str(message.get(name, "")))


def _addresses(message: EmailMessage, name: str) -> list[tuple[str, str]]:
    values = [clean(str(value)) for value in message.get_all(name, [])]
    found = getaddresses(values, strict=True)
    return [(who.strip(), address.strip().lower()) for who, address in found if "@" in address]


def _recipients(message: EmailMessage) -> list[str]:
    """Whom it names, for the address that a case has: by plain means, since a mail may go to very many."""
    said = [(name.lower(), clean(str(value))) for name, value in message.raw_items()]
    found = (one for to in _TO for name, value in said if name == to.lower() for one in _ADDRESS.findall(value))
    return [address.lower() for address in islice(found, 100)]


def _ids(message: EmailMessage, name: str) -> list[str]:
    return [one for one in _MESSAGE_ID.findall(_header(message, name)) if len(one) <= MAX_ID]


def _date(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC) if 1990 <= found.year <= 2200 else None
    except (ValueError, OverflowError):
        return None


def _is_file(part: EmailMessage) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename()) or part.get_content_maintype() not in {
        "text", "multipart", "message",
    }  # fmt: skip


def _body(parts: Sequence[EmailMessage]) -> str:
    """The first plain text with words in it, else the first HTML."""
    texts = [part for part in parts if part.get_content_maintype() == "text" and not _is_file(part)]
    for kind in ("plain", "html"):
        for part in texts:
            found = _decoded(part) if part.get_content_subtype() == kind else ""
            if found.strip():
                return html_to_text(found) if kind == "html" else found[:MAX_TEXT]
    return ""


def _html(parts: Sequence[EmailMessage]) -> str:
    texts = (one for one in parts if one.get_content_type() == "text/html" and not _is_file(one))
    return next((found for one in texts if (found := _decoded(one)).strip()), "")


def _decoded(part: EmailMessage) -> str:
    return decoded(cast(bytes, part.get_payload(decode=True) or b""), part.get_content_charset() or "utf-8")


def _files(parts: Sequence[EmailMessage]) -> Iterator[Attachment]:
    taken = 0
    for part in parts:
        if part.is_multipart() or not _is_file(part):
            continue
        content = cast(bytes, part.get_payload(decode=True) or b"")
        if content and taken < MAX_FILES:
            taken += 1
            yield Attachment(clean(part.get_filename() or f"part-{taken}{_ending(part)}"), content)


def _ending(part: EmailMessage) -> str:
    known = TYPES.get(part.get_content_type())
    return known.extensions[0] if known else ""


def _automatic(message: EmailMessage, parts: Sequence[EmailMessage]) -> str:
    """Whether a machine wrote it: RFC 3464 and 3834, and what programs send that know neither."""
    sender = str(message.get("From", "")).lower()
    if message.get_content_type() == "multipart/report" and message.get_param("report-type") == "delivery-status":
        return Automatic.BOUNCE if _says_failed(parts) else Automatic.REPLY
    if "mailer-daemon@" in sender or (str(message.get("Return-Path", "")).strip() == "<>" and "postmaster@" in sender):
        return Automatic.BOUNCE
    submitted = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    # A list hands on what people write, and says so of each message: that a machine wrote one, other headers say.
    says = any(message.get(name) for name in ("X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond"))
    if submitted != "no" or precedence in {"bulk", "junk", "auto_reply"} or says:
        return Automatic.REPLY
    return Automatic.NO


def _says_failed(parts: Sequence[EmailMessage]) -> bool:
    """Whether a report says of somebody that the letter did not reach them; it may be late or have arrived, too."""
    reports = [one.get_payload() for one in parts if one.get_content_type() == "message/delivery-status"]
    blocks = [block for found in reports if isinstance(found, list) for block in found if not isinstance(block, str)]
    return any(str(block.get("Action", "")).strip().lower() == "failed" for block in blocks)


def _bounced(parts: Sequence[EmailMessage]) -> list[str]:
    """The Message-ID of the letter that came back, from the copy of its headers."""
    found: list[str] = []
    copies = 0
    for part in parts[1:]:
        found += _ids(part, "Message-ID")
        if part.get_content_type() == "text/rfc822-headers" and copies < _MAX_COPIES:
            copies += 1
            head = headers_alone(cast(bytes, part.get_payload(decode=True) or b""))
            found += _MESSAGE_ID.findall(str(head.get("Message-ID", "")))
    return found
