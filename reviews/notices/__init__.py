"""What people are sent, a file per topic."""

from . import actions, packs


def register() -> None:
    """Make them known."""
    actions.register()
    packs.register()
