"""What systems for chat, social media and messaging send us, read into one form. Pure: payload in, message out.

Each kind has one format of its own, which docs/guide/api.md describes; other fields may come along and are not looked at.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

MAX_WORDS: Final = 20_000
MAX_NAME: Final = 200
MAX_LINK: Final = 500
MAX_REACH: Final = 10**15
MAX_DEPTH: Final = 20
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.]\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LINK: Final = re.compile(r"https?://[^\s<>\"'\\]+", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNKEPT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_SHOWN_KEY: Final = re.compile(r"[A-Za-z_][\w.-]{0,39}", re.ASCII)


class NotUnderstoodError(Exception):
    """A payload that says nothing we can take: a code of `choices.hooks.Unclear`, and the field it is about."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(f"{code} {field}".strip())
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class NormalMessage:
    """What somebody said to us. `thread` names the conversation and `name` the message in it, both within one endpoint."""

    thread: str
    name: str
    sender: str
    words: str
    at: datetime | None
    subject: str = ""
    link: str = ""
    reach: int | None = None


Adapter = Callable[[Mapping[str, Any]], NormalMessage]


def chat(payload: Mapping[str, Any]) -> NormalMessage:
    """`conversation`: id, subject if there is one; `message`: id, from, text, sent_at."""
    conversation = _object(payload, "conversation")
    subject = _line(conversation, "conversation", "subject", needed=False)
    return _said(payload, "message", _line(conversation, "conversation", "id"), subject=subject)


def messaging(payload: Mapping[str, Any]) -> NormalMessage:
    """`thread`: id; `message`: id, from, text, sent_at."""
    return _said(payload, "message", _line(_object(payload, "thread"), "thread", "id"))


def social(payload: Mapping[str, Any]) -> NormalMessage:
    """`post`: id, permalink, reach; `mention`: id, from, text, sent_at. What several people write under one post is a thread each."""
    post, sender = _object(payload, "post"), _line(_object(payload, "mention"), "mention", "from")
    thread = f"{_line(post, 'post', 'id')}\n{sender}"
    return _said(payload, "mention", thread, link=_link(post), reach=_reach(post))


ADAPTERS: Final[dict[str, Adapter]] = {"chat": chat, "social": social, "messaging": messaging}


def understood(kind: str, payload: object) -> NormalMessage:
    """The message of a payload. Raises NotUnderstoodError."""
    if not isinstance(payload, dict):
        raise NotUnderstoodError("object")
    if _is_deep(payload):
        raise NotUnderstoodError("deep")
    return ADAPTERS[kind](payload)


def digest(text: str) -> str:
    """What a name is kept as: it says whether two are the same, and nothing else."""
    return hashlib.sha256(text.encode()).hexdigest()


def outline(payload: object, inside: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """The fields of a payload with what stands in them by type and size, never the values: (path, type)."""
    if isinstance(payload, dict) and depth < MAX_DEPTH:
        if inside:
            yield inside, "object"
        for key, value in payload.items():
            shown = key if _SHOWN_KEY.fullmatch(key) else "?"
            yield from outline(value, f"{inside}.{shown}".strip("."), depth + 1)
    else:
        yield inside, _sort(payload)


def _sort(value: object) -> str:
    if isinstance(value, str):
        return f"text ({len(value)})"
    if isinstance(value, list):
        return f"list ({len(value)})"
    return {bool: "true or false", int: "number", float: "number", dict: "object"}.get(type(value), "null")


def _said(
    payload: Mapping[str, Any], part: str, thread: str, *, subject: str = "", link: str = "", reach: int | None = None
) -> NormalMessage:
    message = _object(payload, part)
    return NormalMessage(
        thread=thread,
        name=_line(message, part, "id"),
        sender=_line(message, part, "from"),
        words=_words(message, part),
        at=_instant(message, part),
        subject=subject,
        link=link,
        reach=reach,
    )


def _object(payload: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    found = payload.get(field)
    if found is None:
        raise NotUnderstoodError("missing", field)
    if not isinstance(found, dict):
        raise NotUnderstoodError("type", field)
    return found


def _text(part: Mapping[str, Any], path: str, field: str, limit: int) -> str:
    found = part.get(field)
    if found is None:
        raise NotUnderstoodError("missing", f"{path}.{field}")
    if not isinstance(found, str):
        raise NotUnderstoodError("type", f"{path}.{field}")
    if len(found) > limit:
        raise NotUnderstoodError("long", f"{path}.{field}")
    return found


def _line(part: Mapping[str, Any], path: str, field: str, *, needed: bool = True) -> str:
    """A name: one line, of what can be seen."""
    if not needed and part.get(field) is None:
        return ""
    found = _text(part, path, field, MAX_NAME).strip()
    if _UNSEEN.search(found):
        raise NotUnderstoodError("unseen", f"{path}.{field}")
    if needed and not found:
        raise NotUnderstoodError("empty", f"{path}.{field}")
    return found


def _words(part: Mapping[str, Any], path: str) -> str:
    """What was said, without what cannot be kept; half a character becomes a sign that says so."""
    found = _SURROGATE.sub("\ufffd", _UNKEPT.sub("", _text(part, path, "text", MAX_WORDS))).strip()
    if not found:
        raise NotUnderstoodError("empty", f"{path}.text")
    return found


def _instant(part: Mapping[str, Any], path: str) -> datetime | None:
    if part.get("sent_at") is None:
        return None
    found = _text(part, path, "sent_at", 40)
    try:
        if not _INSTANT.fullmatch(found):
            raise ValueError(found)
        return datetime.fromisoformat(found.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotUnderstoodError("time", f"{path}.sent_at") from error


def _link(post: Mapping[str, Any]) -> str:
    found = _text(post, "post", "permalink", MAX_LINK).strip()
    if not _LINK.fullmatch(found) or _UNSEEN.search(found):
        raise NotUnderstoodError("link", "post.permalink")
    return found


def _reach(post: Mapping[str, Any]) -> int | None:
    found = post.get("reach")
    if found is None:
        return None
    if type(found) is not int or not 0 <= found <= MAX_REACH:
        raise NotUnderstoodError("number", "post.reach")
    return found


def _is_deep(payload: object) -> bool:
    layer = [payload]
    for _depth in range(MAX_DEPTH):
        layer = [
            inner
            for one in layer
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        ]
        if not layer:
            return False
    return True
