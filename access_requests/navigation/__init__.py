"""What access hangs into the shell, a file per topic."""

from . import approvals, catalogue, day, fulfilment, readiness, requests


def register() -> None:
    """Entries, panels and search sources of all topics."""
    for topic in (requests, approvals, fulfilment, readiness, catalogue, day):
        topic.register()
