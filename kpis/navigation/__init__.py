"""What the wing hangs into the shell."""

from . import contracts, definitions, imports, pages


def register() -> None:
    """Called once, when the application is ready."""
    pages.register()
    contracts.register()
    definitions.register()
    imports.register()
