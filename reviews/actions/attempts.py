"""Tries at rows, one after another: what goes wrong with one is written down there, and the others go on."""

from collections.abc import Callable, Iterator
from types import TracebackType


class Attempt:
    """`with Attempt(failed):` hands whatever error ends it to `failed`, and goes on behind it. What ends the worker itself is not held up."""

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self._failed = failed

    def __enter__(self) -> None:
        """Nothing is prepared."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self._failed(error)
        return True


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came of, nearest first: libraries wrap what the system says."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
