"""A server that speaks clamd's protocol on this machine, and some that do not."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
Answer = Callable[[socket.socket, bytes], None]


@dataclass
class Clamd:
    """Where it listens, what it was sent, and how many lines were opened."""

    address: str
    files: list[bytes] = field(default_factory=list)
    lines: int = 0


def honest(line: socket.socket, content: bytes) -> None:
    """As clamd answers."""
    line.sendall(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")


def saying(words: bytes) -> Answer:
    """Always the same."""
    return lambda line, content: line.sendall(words)


def silent(line: socket.socket, content: bytes) -> None:
    """Reads everything and says nothing until the other side gives up."""
    with contextlib.suppress(OSError):
        line.recv(1)


def half_closed(line: socket.socket, content: bytes) -> None:
    """Half an answer, then the end."""
    line.sendall(b"stream: O")
    line.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def clamd(answer: Answer = honest, *, path: Path | None = None, deaf: bool = False) -> Iterator[Clamd]:
    """Listens until the block ends. `deaf`: answers before the file has come, and closes."""
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_STREAM)
    server.bind(str(path) if path else ("127.0.0.1", 0))
    server.listen(8)
    made = Clamd(f"unix:{path}" if path else f"tcp://127.0.0.1:{server.getsockname()[1]}")
    ended = threading.Event()
    thread = threading.Thread(target=_serve, args=(server, made, answer, deaf, ended), daemon=True)
    thread.start()
    try:
        yield made
    finally:
        ended.set()
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


def _serve(server: socket.socket, made: Clamd, answer: Answer, deaf: bool, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            line, _address = server.accept()
        except OSError:
            return
        made.lines += 1
        with line, contextlib.suppress(OSError):
            _one(line, made, answer, deaf=deaf)


def _one(line: socket.socket, made: Clamd, answer: Answer, *, deaf: bool) -> None:
    command = b""
    while not command.endswith(b"\0"):
        command += line.recv(1)
    if command == b"zPING\0":
        line.sendall(b"PONG\0")
        return
    assert command == b"zINSTREAM\0"
    if deaf:
        line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
        return
    content = b""
    while size := struct.unpack("!I", _exactly(line, 4))[0]:
        content += _exactly(line, size)
    made.files.append(content)
    answer(line, content)


def _exactly(line: socket.socket, size: int) -> bytes:
    heard = b""
    while len(heard) < size:
        part = line.recv(size - len(heard))
        if not part:
            raise OSError("the other side is gone")
        heard += part
    return heard
