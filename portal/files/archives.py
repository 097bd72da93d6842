"""How large an archive is when it is unpacked: a small file may hold terabytes."""

import zipfile
from dataclasses import dataclass
from typing import BinaryIO, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_ENTRIES: Final = 10_000
MAX_UNPACKED: Final = 512 * 1024 * 1024
# Text in a spreadsheet packs ten to thirty times smaller; beyond this, somebody made it so.
MAX_RATIO: Final = 200
RATIO_CHECKED_FROM: Final = 8 * 1024 * 1024
# Bytes of one line of the list, with a long path in it; and of the end of the file in which the list's place is looked for.
_RECORD: Final = 400
_TAIL: Final = 128 * 1024
_SIGN: Final = b"PK\x01\x02"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes unpacked, entries, and how many times larger than packed."""

    unpacked: int = MAX_UNPACKED
    entries: int = MAX_ENTRIES
    ratio: int = MAX_RATIO


class TooLongError(Exception):
    """The list of an archive names more than an archive may hold."""


class _Bounded:
    """A stream that hands out no list longer than that: whoever reads a zip file takes its list in one read."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream, self._most = stream, most
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        """So many bytes. Raises TooLongError."""
        limit = max(self._most * _RECORD, _TAIL)
        if size > limit:
            raise TooLongError
        found = self._stream.read(limit if size < 0 else size)
        if found.count(_SIGN) > self._most:
            raise TooLongError
        return found


def entries_of(stream: BinaryIO, most: int = MAX_ENTRIES) -> list[zipfile.ZipInfo]:
    """What a zip file says that it holds. Its list is measured before anything is made of it, whatever count it states: a
    small file may list half a million. Raises TooLongError, and what `zipfile` raises for a file that is none."""
    stream.seek(0)
    try:
        with zipfile.ZipFile(_Bounded(stream, most)) as archive:
            return archive.infolist()
    finally:
        stream.seek(0)


def check_archive(stream: BinaryIO, limits: Limits = Limits()) -> None:
    """Look at a zip file's own list (readers unpack no entry beyond the size that it states).

    Raises ValidationError for one that is broken, encrypted, or too large when unpacked.
    """
    stream.seek(0, 2)
    packed = stream.tell()
    try:
        entries = entries_of(stream, limits.entries)
    except TooLongError as error:
        raise too_large_unpacked() from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ValidationError(_("The file is damaged: it cannot be unpacked."), code="damaged") from error
    unpacked = sum(entry.file_size for entry in entries)
    too_dense = unpacked > RATIO_CHECKED_FROM and unpacked > limits.ratio * max(packed, 1)
    if unpacked > limits.unpacked or too_dense:
        raise too_large_unpacked()
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise ValidationError(_("The file is protected with a password. Remove it and try again."), code="encrypted")


def too_large_unpacked() -> ValidationError:
    """What to say of one that unpacks to too much."""
    return ValidationError(_("The file is far larger unpacked than a document is. It was not taken."), code="bomb")
