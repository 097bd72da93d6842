"""Mail taken apart within bounds: the library takes quadratic time for some, and a sender writes what they like."""

from __future__ import annotations

import email.message
import email.parser
import email.policy
import re
from dataclasses import dataclass
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from functools import partial
from typing import Any, Final

#: Characters of one header, of a message's own headers together, and lines of all of it.
MAX_HEADER: Final = 8 * 1024
MAX_HEAD: Final = 128 * 1024
MAX_LINES: Final = 1_000_000
#: Parts of a message, and headers of one of them.
MAX_PARTS: Final = 300
MAX_HEADERS: Final = 2_000
#: Lines of a message times how deep its parts stand in each other: each line is held against each boundary that is open.
MAX_NESTED: Final = 10_000_000
#: Squares of the lengths of all headers that are looked at, as long as reading them takes.
_MAX_WORK: Final = 8 * MAX_HEADER**2
#: What is longer is taken apart anew by the library whenever somebody asks for it, and counts each time.
_LONG: Final = 1_000
_DASHED: Final = re.compile(rb"[\r\n]--[^\r\n]*")
_BLANK: Final = re.compile(rb"\r?\n\r?\n")


class UnparsedError(Exception):
    """A message that cannot be read; says why in one line."""


def check_size(raw: bytes) -> None:
    """Raise UnparsedError for what would cost too much to take apart; before anything of it is."""
    if len(head_of(raw)) > MAX_HEAD:
        raise UnparsedError("its headers are too long")
    if _lines(raw) > MAX_LINES:
        raise UnparsedError("it has too many lines")


def _lines(raw: bytes) -> int:
    return raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")


def head_of(raw: bytes) -> bytes:
    """What stands above the first empty line; cut off a little beyond the bound."""
    return _BLANK.split(raw[: MAX_HEAD + 5], maxsplit=1)[0]


def headers_alone(raw: bytes) -> email.message.Message:
    """The headers as they stand there; of the body nothing is looked at."""
    return email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head_of(raw))


def bounded(raw: bytes) -> email.policy.EmailPolicy[EmailMessage]:
    """How this one message is read: few parts, not deep in each other, each header once, and none that is too long. The parser
    and readers raise UnparsedError."""
    weight = _lines(raw) + sum(len(one) for one in _DASHED.findall(raw))
    factory = partial(_Part, bounds=_Bounds(weight))
    return email.policy.EmailPolicy(header_factory=_Headers(), message_factory=factory)


@dataclass(slots=True)
class _Bounds:
    """How many parts a message has so far, and what a further level of them costs: a look at each of its lines, and one at all
    of those that look like a boundary."""

    weight: int
    parts: int = 0


class _Part(EmailMessage):
    """A message or a part of it, which refuses to become one too many while the parser is still at work."""

    def __init__(self, policy: Any = None, *, bounds: _Bounds) -> None:
        super().__init__(policy)
        self._bounds, self._level, self._named = bounds, 0, 0
        self.defects = _Unkept()
        bounds.parts += 1
        if bounds.parts > MAX_PARTS:
            raise UnparsedError(f"it has more than {MAX_PARTS} parts")

    def attach(self, payload: Any) -> None:
        """Another part stands in this one."""
        payload._level = self._level + 1
        if payload._level * self._bounds.weight > MAX_NESTED and payload._level > 1:
            raise UnparsedError("its parts stand too deep in each other")
        super().attach(payload)

    def set_raw(self, name: str, value: Any) -> None:
        """Another header, as it stands there."""
        self._named += 1
        if self._named > MAX_HEADERS:
            raise UnparsedError(f"it has more than {MAX_HEADERS} headers in one part")
        super().set_raw(name, value)


class _Unkept(list[Any]):
    """What the library found wrong: nobody reads it, and a million lines of it take half a gigabyte."""

    def append(self, found: object) -> None:
        """Forget it."""


class _Headers:
    """Reads the headers of one message and its parts when somebody asks for them."""

    def __init__(self) -> None:
        self._registry, self._work = HeaderRegistry(), 0
        self._known: dict[tuple[str, str], Any] = {}

    def __call__(self, name: str, value: str) -> Any:
        if name.lower() == "references":
            value = value[-MAX_HEADER:]  # the nearest stand last
        key = (name, value)
        if key not in self._known or len(value) > _LONG:
            self._work += len(value) ** 2
            if len(value) > MAX_HEADER or self._work > _MAX_WORK:
                raise UnparsedError(f"its header {name[:40]} is too long")
        if key not in self._known:
            self._known[key] = self._registry(name, value)
        return self._known[key]
