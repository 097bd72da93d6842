"""What is asked once while several things are counted at one glance, such as who sees what. For reads alone: what is written meanwhile is not seen."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_seen: ContextVar[dict[Hashable, Any] | None] = ContextVar("glance", default=None)


@contextmanager
def glance() -> Iterator[None]:
    """Ask for each thing once until the end of this; one within another goes on with what that has."""
    token = _seen.set(_seen.get() if _seen.get() is not None else {})
    try:
        yield
    finally:
        _seen.reset(token)


def seen_once[T](key: Hashable, look: Callable[[], T]) -> T:
    """What `look` gives; within a glance, what it gave before under this key."""
    seen = _seen.get()
    if seen is None:
        return look()
    if key not in seen:
        seen[key] = look()
    found: T = seen[key]
    return found
