"""What people are sent."""


def register() -> None:
    """Make them known."""
