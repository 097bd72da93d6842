"""A mail server on loopback that does what a test tells it, and keeps what it was given."""

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any, cast


class Sink(socketserver.ThreadingTCPServer):
    """Accepts mail. `answers` says how the next commands of a verb end, e.g. {"RCPT": ["450 busy"]}; then all is well.

    With `stall` set, a message that arrived whole is kept and announced by `arrived`, but never acknowledged.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, list[str]] = {}
        self.stall = False
        self.arrived = threading.Event()
        self.connections = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def subjects(self) -> list[str]:
        """Subjects of what arrived, in order."""
        return [str(message["Subject"]) for message in self.messages]

    def verdict(self, verb: str, good: str) -> str:
        """The answer to a command."""
        planned = self.answers.get(verb, [])
        return planned.pop(0) if planned else good

    def mailers(self) -> dict[str, Any]:
        """The setting MAILERS that leads here."""
        options = {"host": "127.0.0.1", "port": self.port, "timeout": 20}
        return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}

    def environment(self) -> dict[str, str]:
        """The same for another process."""
        return {
            "EMAIL_BY_SMTP": "1",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.port),
            "EMAIL_TIMEOUT": "20",
        }


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink = cast(Sink, self.server)
        sink.connections += 1
        self._say(sink.verdict("CONNECT", "220 sink"))
        while line := self.rfile.readline():
            verb = line.decode().split(" ")[0].split(":")[0].strip().upper()
            if not self._obey(sink, verb, line):
                return

    def _obey(self, sink: Sink, verb: str, line: bytes) -> bool:
        if verb == "QUIT":
            self._say("221 bye")
            return False
        if verb == "RCPT":
            sink.recipients.append(line.decode().partition("<")[2].partition(">")[0])
        if verb == "DATA":
            return self._data(sink)
        answer = sink.verdict(verb, "250 ok")
        if answer == "hang up":
            return False
        self._say(answer)
        return True

    def _data(self, sink: Sink) -> bool:
        answer = sink.verdict("DATA", "354 go on")
        self._say(answer)
        if not answer.startswith("354"):
            return True
        body = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            body += line.removeprefix(b".")
        message = email.message_from_bytes(body, policy=email.policy.default)
        sink.messages.append(cast(EmailMessage, message))
        sink.arrived.set()
        if sink.stall:
            self.rfile.readline()  # until the other side is gone
            return False
        self._say(sink.verdict("BODY", "250 taken"))
        return True

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running() -> Iterator[Sink]:
    """A sink that listens on a free port of loopback."""
    with Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join()
