"""What is loaded once while many subjects are worked through: policies and calendars as they are now."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_memory: ContextVar[dict[Hashable, Any] | None] = ContextVar("sla_memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Ask for each policy and calendar once. For builders of many subjects in one go (an import, the demo), never for a request."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered[T](key: Hashable, load: Callable[[], T]) -> T:
    """What `load` gives; within `remembering`, what it gave before for this key."""
    memory = _memory.get()
    if memory is None:
        return load()
    if key not in memory:
        memory[key] = load()
    found: T = memory[key]
    return found
