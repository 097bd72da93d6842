"""What the wing hangs into the shell, a file per topic."""

from . import actions, files, findings, jobs, meetings, packs, visits


def register() -> None:
    """Called once, when the application is ready."""
    meetings.register()
    actions.register()
    jobs.register()
    packs.register()
    visits.register()
    files.register()
    findings.register()
