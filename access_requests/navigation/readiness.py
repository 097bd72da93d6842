"""What readiness hang into the shell."""


def register() -> None:
    """Entries of the side navigation, panels and search sources."""
