"""While past data is built through the actions nobody is written to about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_silent: Final[ContextVar[bool]] = ContextVar("notifications_silent", default=False)


@contextmanager
def nothing_queued() -> Iterator[None]:
    """Notices, events and rows for topics that would be written in here are dropped."""
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def is_silent() -> bool:
    """Whether what would be queued now is dropped."""
    return _silent.get()
