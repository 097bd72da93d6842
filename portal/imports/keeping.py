"""Lists that came in, as files of their own while they are read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from portal.files.checking import LostUpload, no_room
from portal.files.disk import FULL

from .errors import ImportRefused

if TYPE_CHECKING:
    from django.core.files.base import File


@contextmanager
def as_file(content: "File[bytes] | bytes") -> Iterator[Path]:
    """An upload, or bytes that were pasted, until it is read. Raises ImportRefused where there is no room for it, or was none when it came in."""
    if isinstance(content, LostUpload):
        raise ImportRefused(_no_room())
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list"
            with path.open("wb") as handle:
                for chunk in (content,) if isinstance(content, bytes) else content.chunks():
                    handle.write(chunk)
            yield path
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise ImportRefused(_no_room()) from error


def _no_room() -> str:
    return str(no_room().message)
