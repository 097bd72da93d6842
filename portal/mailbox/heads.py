"""Headers of mail, read within bounds: the library takes quadratic time for some, and a sender writes what they like."""

from __future__ import annotations

import email.message
import email.parser
import email.policy
import re
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from typing import Any, Final

#: Characters of one header, of a message's own headers together, and lines of all of it.
MAX_HEADER: Final = 8 * 1024
MAX_HEAD: Final = 128 * 1024
MAX_LINES: Final = 1_000_000
#: Squares of the lengths of all headers that are looked at, as long as reading them takes.
_MAX_WORK: Final = 8 * MAX_HEADER**2
_BLANK: Final = re.compile(rb"\r?\n\r?\n")


class UnparsedError(Exception):
    """A message that cannot be read; says why in one line."""


def check_size(raw: bytes) -> None:
    """Raise UnparsedError for what would cost too much to take apart; before anything of it is."""
    if len(head_of(raw)) > MAX_HEAD:
        raise UnparsedError("its headers are too long")
    if raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n") > MAX_LINES:
        raise UnparsedError("it has too many lines")


def head_of(raw: bytes) -> bytes:
    """What stands above the first empty line; cut off a little beyond the bound."""
    return _BLANK.split(raw[: MAX_HEAD + 5], maxsplit=1)[0]


def headers_alone(raw: bytes) -> email.message.Message:
    """The headers as they stand there; of the body nothing is looked at."""
    return email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head_of(raw))


def bounded() -> email.policy.EmailPolicy[EmailMessage]:
    """How one message is read: each header once, and none that is too long. Readers raise UnparsedError."""
    return email.policy.EmailPolicy(header_factory=_Headers())


class _Headers:
    """Reads the headers of one message and its parts when somebody asks for them."""

    def __init__(self) -> None:
        self._registry, self._work = HeaderRegistry(), 0
        self._known: dict[tuple[str, str], Any] = {}

    def __call__(self, name: str, value: str) -> Any:
        if name.lower() == "references":
            value = value[-MAX_HEADER:]  # the nearest stand last
        key = (name, value)
        if key not in self._known:
            self._work += len(value) ** 2
            if len(value) > MAX_HEADER or self._work > _MAX_WORK:
                raise UnparsedError(f"its header {name[:40]} is too long")
            self._known[key] = self._registry(name, value)
        return self._known[key]
