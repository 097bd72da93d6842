"""What happened before today: acts of the wings' people, played in their order, each as if it were then."""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from itertools import count
from typing import Any
from unittest import mock

from django.utils import timezone

type Act = Callable[[], object]


@contextmanager
def as_if(moment: datetime) -> Iterator[None]:
    """Let Django's clock go on from this instant meanwhile."""
    begun = datetime.now(UTC)

    class Then(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return (moment + (datetime.now(UTC) - begun)).astimezone(tz)

    with mock.patch.object(timezone, "datetime", Then):
        yield


class Diary:
    """Acts with their instants. One may write down further ones; what is still to come does not happen."""

    def __init__(self) -> None:
        self._acts: list[tuple[datetime, int, Act]] = []
        self._number = count()

    def at(self, moment: datetime, act: Act) -> None:
        """Write an act down."""
        heapq.heappush(self._acts, (moment, next(self._number), act))

    def play(self) -> None:
        """Let everything happen that was before now."""
        now = timezone.now()
        while self._acts and self._acts[0][0] < now:
            moment, _number, act = heapq.heappop(self._acts)
            with as_if(moment):
                act()
