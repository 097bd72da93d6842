"""A receiver that takes every connection and never says a word, like one behind a wall that drops packets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Silent:
    """Where it listens, and the lines that were opened."""

    url: str
    lines: list[socket.socket] = field(default_factory=list)
    rung: threading.Event = field(default_factory=threading.Event)


@contextmanager
def silent() -> Iterator[Silent]:
    """Listens until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Silent(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread = threading.Thread(target=_serve, args=(server, made), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            server.close()
            thread.join(10)
            for line in made.lines:
                line.close()


def _serve(server: socket.socket, made: Silent) -> None:
    with suppress(OSError):
        while True:
            line, _address = server.accept()
            made.lines.append(line)
            made.rung.set()
