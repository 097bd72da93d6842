"""What the wing hangs into the shell, a file per topic."""


def register() -> None:
    """Called once, when the application is ready."""
