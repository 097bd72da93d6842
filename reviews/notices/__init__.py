"""What people are sent, a file per topic."""

from . import actions, meetings, packs, practices


def register() -> None:
    """Make them known."""
    meetings.register()
    actions.register()
    packs.register()
    practices.register()
