"""What people are sent, a file per topic."""

from . import actions


def register() -> None:
    """Make them known."""
    actions.register()
