"""What the directory changes about who worked where: the days whose team or lead that alters are summed up again."""

from collections.abc import Collection

from partners.queries import roster_changes
from partners.registry import register_change_listener, register_roster_listener
from portal.accounts.rules import Actor

from .actions import ask, mark_moved
from .actions.headcount import SOURCE


def register() -> None:
    """Listen to changes by hand and to rosters."""
    register_change_listener(on_change)
    register_roster_listener(on_roster)


def on_change(*, actor: Actor, person_ids: Collection[int]) -> None:
    """Somebody's employment or placement was changed by hand: headcounts may be others, and days may be another team's."""
    mark_moved(person_ids)
    ask(SOURCE)


def on_roster(*, actor: Actor, roster_id: int) -> None:
    """A roster was applied: the people whom it changed."""
    on_change(actor=actor, person_ids={change.person_id for change in roster_changes(roster_id)})
