"""What the audit trail says of this wing."""


def register() -> None:
    """Make them known."""
