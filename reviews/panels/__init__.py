"""What this wing shows on pages of others, a file per topic."""

from . import actions


def register() -> None:
    """Make them known."""
    actions.register()
