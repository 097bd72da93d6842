"""What the wing hangs into the shell."""

from . import contracts, imports, pages


def register() -> None:
    """Called once, when the application is ready."""
    pages.register()
    contracts.register()
    imports.register()
