"""Actions as a kind of thing that has clocks."""


def register() -> None:
    """Make them known."""
