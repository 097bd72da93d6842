"""Asks clamd whether a file carries a virus: its INSTREAM command over TCP or a socket of this machine, as
https://docs.clamav.net/manual/Usage/Scanning.html#clamd describes it."""

from __future__ import annotations

import logging
import re
import socket
import struct
import time
from typing import BinaryIO, Final
from weakref import WeakSet

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)
_CHUNK: Final = 64 * 1024
_LONGEST_ANSWER: Final = 4096
_PING_SECONDS: Final = 2.0
_FOUND: Final = re.compile(r"(?:stream: )?(.+) FOUND")
# Uploads that were found clean, or taken without a scan, so that what a form has looked at is not sent a second time when it
# is kept.
_taken: WeakSet[File[bytes]] = WeakSet()


class ScannerAwayError(Exception):
    """clamd does not answer, or not as it should."""


def is_on() -> bool:
    """Whether files are scanned."""
    return bool(settings.CLAMD_ADDRESS)


def refuse_infected(upload: File[bytes], stream: BinaryIO) -> None:
    """Look into a file unless it was taken before. Raises ValidationError with the code virus; or unscanned, if clamd does
    not answer and CLAMD_UNREACHABLE says refuse."""
    if not is_on() or upload in _taken:
        return
    try:
        found = scan(stream)
    except ScannerAwayError as error:
        _not_scanned(upload, error)
    else:
        _judge(upload, found)


class Round:
    """Files that came together: no further one is begun after the time that a single one may take, and once clamd is away it is
    not asked about the others."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + settings.CLAMD_TIMEOUT
        self._away: ScannerAwayError | None = None

    def refuse_infected(self, upload: File[bytes], stream: BinaryIO) -> None:
        """As the function does it. A file whose turn does not come is unscanned, also where what cannot be scanned is taken:
        otherwise one file could wear clamd out so that the next one slips through."""
        if not is_on() or upload in _taken:
            return
        if self._away is not None:
            _not_scanned(upload, self._away)
            return
        if time.monotonic() >= self._ends:
            logger.error("a file was not scanned: those before it took too long")
            raise _unscanned()
        try:
            found = scan(stream)
        except ScannerAwayError as error:
            self._away = None if answers() else error
            _not_scanned(upload, error)
        else:
            _judge(upload, found)


def _judge(upload: File[bytes], found: str) -> None:
    if found:
        logger.warning("a file was refused: %s", found)
        raise ValidationError(_("The file carries a virus (%(name)s)."), code="virus", params={"name": found})
    _taken.add(upload)


def _not_scanned(upload: File[bytes], error: ScannerAwayError) -> None:
    logger.error("a file was not scanned: %s", error)
    if settings.CLAMD_UNREACHABLE != "accept":
        raise _unscanned() from error
    _taken.add(upload)


def _unscanned() -> ValidationError:
    text = _("Files cannot be scanned for viruses at the moment, so this one was not taken. Try again later.")
    return ValidationError(text, code="unscanned")


def scan(stream: BinaryIO) -> str:
    """The name of the virus in a stream, "" for none; reads it from its start and leaves it there. Raises ScannerAwayError."""
    stream.seek(0)
    try:
        answer = _ask(b"zINSTREAM\0", stream)
    finally:
        stream.seek(0)
    if answer in ("stream: OK", "OK"):
        return ""
    if found := _FOUND.fullmatch(answer):
        return _printable(found[1])
    raise ScannerAwayError(f"clamd answered {_printable(answer) or 'nothing'!r}")


def answers() -> bool:
    """Whether clamd is there, for the health page."""
    try:
        return _ask(b"zPING\0", seconds=_PING_SECONDS) == "PONG"
    except ScannerAwayError as error:
        logger.warning("clamd does not answer: %s", error)
        return False


def _ask(command: bytes, stream: BinaryIO | None = None, *, seconds: float | None = None) -> str:
    ends = time.monotonic() + (seconds or settings.CLAMD_TIMEOUT)
    try:
        with _connected(settings.CLAMD_ADDRESS, ends) as line:
            try:
                line.sendall(command)
                if stream is not None:
                    _send(line, stream, ends)
            except (BrokenPipeError, ConnectionResetError):
                # It has heard enough (its own limit of size) and may have said why.
                logger.info("clamd closed the line before the end of a file")
            return _read(line, ends)
    except (OSError, ValueError) as error:
        raise ScannerAwayError(f"{type(error).__name__}: {error}") from error


def _connected(address: str, ends: float) -> socket.socket:
    kind, _colon, rest = address.partition(":")
    if kind == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(_left(ends))
            line.connect(rest)
        except OSError:
            line.close()
            raise
        return line
    host, _colon, port = rest.removeprefix("//").rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), _left(ends))


def _send(line: socket.socket, stream: BinaryIO, ends: float) -> None:
    while chunk := stream.read(_CHUNK):
        line.settimeout(_left(ends))
        line.sendall(struct.pack("!I", len(chunk)) + chunk)
    line.sendall(struct.pack("!I", 0))


def _read(line: socket.socket, ends: float) -> str:
    """One answer, which a zero byte or the end of the line closes."""
    heard = b""
    while b"\0" not in heard and len(heard) < _LONGEST_ANSWER:
        line.settimeout(_left(ends))
        part = line.recv(_LONGEST_ANSWER)
        if not part:
            break
        heard += part
    said, closed, _rest = heard.partition(b"\0")
    if not closed:
        raise ScannerAwayError("clamd’s answer broke off")
    return said.decode("utf-8", "replace").strip()


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("clamd took too long")
    return left


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())[:100]
