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


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes unpacked, entries, and how many times larger than packed."""

    unpacked: int = MAX_UNPACKED
    entries: int = MAX_ENTRIES
    ratio: int = MAX_RATIO


def check_archive(stream: BinaryIO, limits: Limits = Limits()) -> None:
    """Look at a zip file's own list (readers unpack no entry beyond the size that it states).

    Raises ValidationError for one that is broken, encrypted, or too large when unpacked.
    """
    stream.seek(0, 2)
    packed = stream.tell()
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise ValidationError(_("The file is damaged: it cannot be unpacked."), code="damaged") from error
    finally:
        stream.seek(0)
    unpacked = sum(entry.file_size for entry in entries)
    too_dense = unpacked > RATIO_CHECKED_FROM and unpacked > limits.ratio * max(packed, 1)
    if len(entries) > limits.entries or unpacked > limits.unpacked or too_dense:
        raise ValidationError(_("The file is far larger unpacked than a document is. It was not taken."), code="bomb")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise ValidationError(_("The file is protected with a password. Remove it and try again."), code="encrypted")
