"""The portal behind a slow line: each page waits, then comes in two parts. For finding tests that look too early.

A test that reads a page right after an act passes on a quick machine and fails on a busy one. Here it fails always.
"""

import os
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

from portal.wsgi import application as portal

_SECONDS: Final = float(os.environ.get("PORTAL_TESTS_SLOWLY", "0.3"))
_HEAD_ENDS: Final = b"</head>"


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """WSGI: what the portal answers, pages as over a slow line and all else as it is."""
    started: list[bool] = []

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        started.append(any(name.lower() == "content-type" and value.startswith("text/html") for name, value in headers))
        return start_response(status, headers, *rest)

    answer = portal(environ, start)
    return _slowly(answer) if started and started[-1] else answer


def _slowly(answer: Iterable[bytes]) -> Iterator[bytes]:
    try:
        head, mark, rest = b"".join(answer).partition(_HEAD_ENDS)
        time.sleep(_SECONDS)
        yield head + mark
        if rest:
            time.sleep(_SECONDS)
            yield rest
    finally:
        if close := getattr(answer, "close", None):
            close()
