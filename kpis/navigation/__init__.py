"""What the wing hangs into the shell."""

from . import contracts, pages


def register() -> None:
    """Called once, when the application is ready."""
    pages.register()
    contracts.register()
