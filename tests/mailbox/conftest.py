"""A mail server, a mailbox on it, and a wing that takes its mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.mailbox import registry
from portal.mailbox.models import Mailbox
from portal.mailbox.registry import Handler, Incoming, Outcome
from tests.factories.mailbox import MailboxFactory
from tests.mailbox import imap


class Wing:
    """Takes mail; `broken` says whether it raises."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.broken = False

    def handle(self, message: Incoming) -> Outcome:
        """Take a message, or fail."""
        if self.broken:
            raise RuntimeError("the wing is busy")
        self.taken.append(message)
        return Outcome("test.thing", message.id)


@pytest.fixture(autouse=True)
def files_root(settings: Settings, tmp_path: Path) -> Path:
    """Where this test's files lie."""
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def server() -> Iterator[imap.ImapServer]:
    """A mail server."""
    with imap.running() as running:
        yield running


@pytest.fixture
def wing() -> Iterator[Wing]:
    """A wing that takes mail of kind test.mail."""
    made = Wing()
    registry.register_handler(Handler("test.mail", "Test mail", made.handle))
    yield made
    registry.unregister_handler("test.mail")


@pytest.fixture
def box(db: None, server: imap.ImapServer, wing: Wing) -> Mailbox:
    """A mailbox on the server."""
    made: Mailbox = MailboxFactory(port=server.port)
    return made
