"""Access hears of what happens in the directory, in the same transaction."""

from partners.registry import register_change_listener, register_reported_leavers, register_roster_listener

from .actions import follow_change, follow_roster
from .actions.figures import on_change, on_roster
from .queries.leavers import reported_at


def register() -> None:
    """Hang access into the directory."""
    register_roster_listener(follow_roster)
    register_change_listener(follow_change)
    register_roster_listener(on_roster)
    register_change_listener(on_change)
    register_reported_leavers(reported_at)
