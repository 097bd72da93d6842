"""Packs as files: PDF, Excel, PowerPoint. Each walks the same frozen blocks."""

from collections.abc import Callable, Mapping
from typing import IO, Final
from zoneinfo import ZoneInfo

from django.utils import timezone, translation

from ..choices import Format
from ..models import Pack
from . import pdf, pptx, xlsx
from .view import PackView, view_of, zone_of

RENDERERS: Final[Mapping[str, Callable[[PackView], IO[bytes]]]] = {
    Format.PDF: pdf.render,
    Format.XLSX: xlsx.render,
    Format.PPTX: pptx.render,
}


def render(pack: Pack, form: str, language: str) -> IO[bytes]:
    """A frozen pack in a format and language, as a file on disk that is gone when it is closed.

    Raises OSError when the disk is full, and portal.ui.pdf.NoPangoError where no PDF can be drawn.
    """
    with translation.override(language), timezone.override(ZoneInfo(zone_of(pack))):
        return RENDERERS[form](view_of(pack))
