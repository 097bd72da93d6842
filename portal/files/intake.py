"""Large uploads wait in a temporary file while they come in; a full disk loses the file, not the request."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from portal.files.checking import LostUpload
from portal.files.disk import FULL

logger = logging.getLogger(__name__)


class RoomHandler(TemporaryFileUploadHandler):
    """As Django's own, but a full disk does not end the request: the form is shown again, with what to do about the file."""

    lost: bool

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        self.lost = False
        self.__dict__.pop("file", None)
        with self._room():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Take a part; of a file that is lost the rest is let go."""
        with self._room():
            if not self.lost:
                super().receive_data_chunk(raw_data, start)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        """The file, or word that it is lost."""
        with self._room():
            if not self.lost:
                return super().file_complete(file_size)
        return LostUpload(io.BytesIO(), self.file_name, self.content_type, max(file_size, 1))

    @contextlib.contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno not in FULL:
                raise
            self.lost = True
            logger.error("no room for an upload while it came in", exc_info=error)
            # What is still in its buffer finds no room either.
            with contextlib.suppress(OSError, AttributeError):
                self.file.close()
