"""Markup as a PDF, with the machine's fonts. Nothing is fetched from anywhere."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings

from portal.ui.charts import chart_css

if TYPE_CHECKING:
    from weasyprint import Document

_SVG: Final = re.compile(r"(<svg\b[^>]*\bclass=\"[^\"]*\b(?:plot|spark)\b[^\"]*\"[^>]*>)")
# The little drawings of a chart's key have no class of their own.
_SWATCH: Final = re.compile(r"<svg viewBox=\"0 0 20 12\"")
_SCRIPT: Final = re.compile(r"<script\b.*?</script>|<link\b[^>]*>", re.DOTALL)
STYLE_SHEET: Final = settings.BASE_DIR / "static" / "css" / "pdf.css"


class NoPangoError(Exception):
    """This machine lacks what PDF is drawn with."""


def to_pdf(markup: str, sheets: Iterable[Path] = (STYLE_SHEET,)) -> bytes:
    """A page's markup on A4; drawings carry their own style. Raises NoPangoError where Pango is missing."""
    return bytes(laid_out(markup, sheets).write_pdf() or b"")


def laid_out(markup: str, sheets: Iterable[Path] = (STYLE_SHEET,)) -> "Document":
    """The pages as they would be printed. Raises NoPangoError where Pango is missing."""
    # Takes a while and needs the system's Pango, so whatever does not draw does without.
    try:
        from weasyprint import CSS, HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise NoPangoError(f"PDF cannot be drawn here, see Install in docs/operations.md: {error}") from error

    # A name in the data must not make this machine ask others: of what a page names, only what it holds itself is drawn.
    own = URLFetcher(allowed_protocols=["data"], allow_redirects=False)
    styles = [CSS(string=one.read_text(encoding="utf-8"), url_fetcher=own) for one in sheets]
    return HTML(string=drawable(markup), base_url=settings.PORTAL_BASE_URL, url_fetcher=own).render(stylesheets=styles)


def drawable(markup: str) -> str:
    """The markup without scripts and links to sheets, each drawing with the style that it needs."""
    style = f"<style>{chart_css()}</style>"
    text = _SWATCH.sub('<svg class="plot swatch" viewBox="0 0 20 12"', _SCRIPT.sub("", markup))
    return _SVG.sub(lambda found: found[1] + style, text)
