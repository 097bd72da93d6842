"""Access hands in how many people began at a site and how many of them could work from the first shift on."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.utils import timezone

from kpis.actions import ask, asked, follow, hand_in
from portal.accounts.rules import Actor

from ..queries.joined import readiness_days

SOURCE: Final = "readiness"
# First shifts are decided once they have begun; what changes later are starts that somebody corrects.
CURRENT: Final = 2
AGAIN: Final = 35
ALL: Final = 400


def on_change(*, actor: Actor, person_ids: Collection[int]) -> None:
    """Somebody's employment or place was changed by hand, perhaps of days that have passed."""
    ask(SOURCE)


def on_roster(*, actor: Actor, roster_id: int) -> None:
    """A roster was applied."""
    ask(SOURCE)


def hand_in_changes() -> int:
    """Hand in the last days, all of them if somebody's start may have changed; of how many components some differ."""
    return follow(SOURCE, lambda since: _hand_in(ALL if asked(SOURCE) or since is None else CURRENT))


def hand_in_again(days: int = AGAIN) -> int:
    """The same for the last days, whatever changed."""
    return follow(SOURCE, lambda _since: _hand_in(days))


def _hand_in(days: int) -> int:
    now = timezone.now()
    last = now.date() + timedelta(days=1)
    found, looked_at = readiness_days(last - timedelta(days=days), last, now)
    key = f"{SOURCE} {now.date()}"
    joiners = [(site, None, None, day, counted.joiners) for (site, day), counted in found.items()]
    ready = [(site, None, None, day, counted.ready) for (site, day), counted in found.items()]
    given = (("joiners", joiners), ("ready", ready))
    return sum(hand_in(key=key, component_code=code, rows=rows, days=looked_at) is not None for code, rows in given)
