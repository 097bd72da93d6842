"""What this wing shows on pages of others."""


def register() -> None:
    """Make them known."""
