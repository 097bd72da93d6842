"""Drawings as PNG, for mail: mail programs show neither SVG nor style sheets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import resvg_py

from portal.ui.charts.styles import CHINESE_FIRST, chart_css

#: Of pixels to the drawing's own units: sharp on screens of twice the usual density.
SCALE: Final = 2
_PAPER: Final = "#ffffff"
_CHINESE: Final = re.compile("[\u2e80-\uffef]")
_SIZE: Final = re.compile(r'viewBox="0 0 ([\d.]+) ')


@lru_cache(maxsize=64)
def png_of(svg: str) -> bytes:
    """A drawing (`Drawing.svg` without a style) in the light theme on white, with the machine's fonts.

    A fifth of a second, since fonts are looked for each time: what is drawn again soon is kept.
    """
    # Glyphs that the first font lacks are taken from whatever font has them, so the right one has to be the first.
    style = chart_css(alone=True) + (CHINESE_FIRST if _CHINESE.search(svg) else "")
    named = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return bytes(resvg_py.svg_to_bytes(svg_string=named, style_sheet=style, zoom=SCALE, background=_PAPER))


def width_of(svg: str) -> int:
    """How wide a drawing is in its own units."""
    found = _SIZE.search(svg)
    return round(float(found[1])) if found else 0
