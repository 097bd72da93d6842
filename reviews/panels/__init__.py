"""What this wing shows on pages of others, a file per topic."""

from . import actions, meetings, visits


def register() -> None:
    """Make them known."""
    meetings.register()
    actions.register()
    visits.register()
