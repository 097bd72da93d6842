"""What the wing hangs into the shell."""

from . import pages


def register() -> None:
    """Called once, when the application is ready."""
    pages.register()
