"""Packs as files: PDF, Excel, PowerPoint. Each walks the same frozen blocks."""

from importlib import import_module
from typing import IO
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from ..choices import Format
from ..models import Pack


def render(pack: Pack, form: str, language: str) -> IO[bytes]:
    """A frozen pack in a format and language, as a file on disk that is gone when it is closed.

    Raises OSError when the disk is full, and portal.ui.pdf.NoPangoError where no PDF can be drawn.
    """
    # What writes a format is large, and only workers that make files need it.
    writer, view = import_module(f".{Format(form).value}", __name__), import_module(".view", __name__)
    with translation.override(language), timezone.override(ZoneInfo(view.zone_of(pack))):
        made: IO[bytes] = writer.render(view.view_of(pack))
        return made
