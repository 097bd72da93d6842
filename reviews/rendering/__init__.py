"""Packs as files: PDF, Excel, PowerPoint. Each walks the same frozen blocks."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import IO
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from ..choices import Format
from ..models import Pack


@contextmanager
def render(pack: Pack, form: str, language: str) -> Iterator[IO[bytes]]:
    """A frozen pack in a format and language, as a file on disk that is made on the way in and gone on the way out.

    Raises OSError when the disk is full, and portal.ui.pdf.NoPangoError where no PDF can be drawn.
    """
    # What writes a format is large, and only workers that make files need it.
    writer, view = import_module(f".{Format(form).value}", __name__), import_module(".view", __name__)
    with tempfile.TemporaryFile() as file:
        with translation.override(language), timezone.override(ZoneInfo(view.zone_of(pack))):
            writer.write(view.view_of(pack), file)
        file.seek(0)
        yield file
