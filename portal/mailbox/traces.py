"""What is left of a message without a date when its words are removed: enough to know its copies by, too little to know a word.

A date tells one message of a program that writes a single Message-ID for good from the next. Without one only the words do, and
they are gone. So two bytes are kept of a keyed hash of each line and file. The key is encrypted; who has that as well still finds
tens of thousands of sentences for one line, while that all lines of another message agree by chance is very unlikely.
"""

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from portal.mailbox.parsing import Parsed
from portal.sealing import SealBrokenError, seal, unseal

#: Of a message with more lines nothing is kept: whatever may be its copy is taken for one.
MAX_LINES: Final = 2_000
_HEX: Final = 4

type Trace = Mapping[str, Any]


def trace_of(message: Parsed) -> dict[str, str] | None:
    """What is kept of a message; None of one that is too long."""
    lines = _lines(message)
    if len(lines) > MAX_LINES:
        return None
    key = secrets.token_hex(32)
    return {
        "key": seal(key),
        "lines": "".join(_marks(key, lines)),
        "files": "".join(_marks(key, _files(message))),
        "subject": "".join(_marks(key, [message.subject])),
    }


def may_be_copy(trace: Trace | None, message: Parsed) -> bool:
    """Whether a message says all that the one did of which this is left, or nothing that it did not: what lists and gateways
    put above, below and in place of files makes it no other. Also if nothing is left that tells."""
    lines = _lines(message)
    try:
        key = unseal(trace["key"]) if trace else ""
    except SealBrokenError:
        key = ""
    if trace is None or not key or len(lines) > MAX_LINES:
        return True
    pairs = [
        (_split(trace["lines"]), _marks(key, lines)),
        (_split(trace["files"]), _marks(key, _files(message))),
    ]
    if not any(had for had, _has in pairs) and not any(has for _had, has in pairs):
        return _marks(key, [message.subject]) == [trace["subject"]]
    # Where one has words alone and the other files alone, nothing of the one stands in the other.
    return any(had and has for had, has in pairs) and all(_within(had, has) for had, has in pairs)


def _within(one: Iterable[str], other: Iterable[str]) -> bool:
    first, second = Counter(one), Counter(other)
    return first <= second or second <= first


def _lines(message: Parsed) -> list[str]:
    said = f"{message.text}\n{message.quoted}".splitlines()
    return [line for one in said if (line := " ".join(one.split()))]


def _files(message: Parsed) -> list[str]:
    return [hashlib.sha256(one.content).hexdigest() for one in message.files]


def _marks(key: str, texts: Iterable[str]) -> list[str]:
    return [hmac.digest(key.encode(), one.encode(), "sha256").hex()[:_HEX] for one in texts]


def _split(marks: str) -> list[str]:
    return [marks[at : at + _HEX] for at in range(0, len(marks), _HEX)]
