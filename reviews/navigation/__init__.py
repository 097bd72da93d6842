"""What the wing hangs into the shell, a file per topic."""

from . import actions, jobs, packs


def register() -> None:
    """Called once, when the application is ready."""
    actions.register()
    jobs.register()
    packs.register()
