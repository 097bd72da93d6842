"""Where the bytes lie: FILES_ROOT/ab/cd/<id>, outside everything that the web server hands out."""

import contextlib
import errno
import hashlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from django.conf import settings

CHUNK: Final = 1024 * 1024
#: What a system says when there is no room for a file: disk, quota, or the largest file that it lets one write.
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def path_of(file_id: uuid.UUID) -> Path:
    """Where the file with this id lies, or would."""
    name = str(file_id)
    return Path(settings.FILES_ROOT) / name[:2] / name[2:4] / name


def write(file_id: uuid.UUID, source: IO[bytes]) -> tuple[int, str]:
    """Write the whole stream under this id, to last; returns its bytes and its SHA-256. Never seen half written."""
    target = path_of(file_id)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = target.with_name(f"{target.name}.half")
    size, digest = 0, hashlib.sha256()
    source.seek(0)
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            while chunk := source.read(CHUNK):
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            out.flush()
            os.fsync(out.fileno())
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)
    return size, digest.hexdigest()


def remove(file_id: uuid.UUID) -> None:
    """Delete the bytes; gone already does not matter."""
    path_of(file_id).unlink(missing_ok=True)


def older_than(instant: float) -> Iterator[Path]:
    """Every file under the root last written before this instant (seconds since 1970), half-written ones too."""
    for found in Path(settings.FILES_ROOT).glob("??/??/*"):
        with contextlib.suppress(FileNotFoundError):
            if found.stat().st_mtime < instant:
                yield found
