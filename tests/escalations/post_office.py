"""A mail server on loopback that takes what cases send, or answers what a test wants."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message as Parsed
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Post(Message):
    """Keeps what it is given. `answer`: what recipients are answered instead of a welcome. What arrived whole is announced by
    `arrived`, and acknowledged once `acknowledge` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.got: list[Parsed] = []
        self.answer = ""
        self.arrived, self.acknowledge = threading.Event(), threading.Event()
        self.acknowledge.set()
        self.port = 0

    def handle_message(self, message: Parsed) -> None:
        """Keep it."""
        self.got.append(message)
        self.arrived.set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """Take the recipient, or say what the test wants."""
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take the message."""
        answer: str = await super().handle_DATA(server, session, envelope)
        await asyncio.get_running_loop().run_in_executor(None, self.acknowledge.wait)
        return answer

    def mailers(self) -> dict[str, Any]:
        """The setting MAILERS that leads here."""
        options = {"host": "127.0.0.1", "port": self.port, "timeout": 20}
        return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}

    def environment(self) -> dict[str, str]:
        """The same for another process."""
        return {"EMAIL_BY_SMTP": "1", "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port), "EMAIL_TIMEOUT": "20"}


class _Office(Controller):
    """Listens where the system says, from the moment at which it knows the port."""

    def __init__(self, handler: Post) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        handler.port = self.listening.getsockname()[1]
        super().__init__(handler, hostname="127.0.0.1", port=handler.port)

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.listening)


@contextmanager
def running() -> Iterator[Post]:
    """A server that listens on a free port of loopback."""
    handler = Post()
    office = _Office(handler)
    office.start()
    try:
        yield handler
    finally:
        handler.acknowledge.set()
        office.stop()
