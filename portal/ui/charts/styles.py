"""The charts' CSS by itself, for mail and PDF: no layers, no variables, no nesting, colours as hex."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

_FOLDER: Final = Path(__file__).resolve().parents[3] / "static" / "css"
_DRAWN: Final = re.compile(r"/\* drawings \*/(.*?)/\* end of drawings \*/", re.DOTALL)
_RULE: Final = re.compile(r"(\.[\w.-]+)\{([^{}]*)\}")
_TOKEN: Final = re.compile(r"--([\w-]+):light-dark\(oklch\(([^()/]+)\), oklch\(([^()/]+)\)\)")
_USED: Final = re.compile(r"var\(--([\w-]+)\)")
_FONT: Final = 'font-family:"Liberation Sans",Arial,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif'
#: From the axes of Oklab to linear red, green and blue.
_TO_CONES: Final = (
    (1, 0.3963377774, 0.2158037573),
    (1, -0.1055613458, -0.0638541728),
    (1, -0.0894841775, -1.291485548),
)
_TO_RGB: Final = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.707614701),
)


#: For drawings with Chinese in them, after the rules.
CHINESE_FIRST: Final = '.plot text{font-family:"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",Arial,sans-serif}'


@lru_cache(maxsize=4)
def chart_css(theme: Literal["light", "dark"] = "light", *, alone: bool = False) -> str:
    """Rules for `.plot` and `.spark`, about 3 kB; goes into a `style` element of the document or of the drawing.

    `alone`: for one drawing by itself, in the plainest selectors.
    """
    text = (_FOLDER / "charts.css").read_text(encoding="utf-8")
    colours = _colours(theme)
    found = _DRAWN.search(text)
    rules = _RULE.findall(found[1]) if found else []
    scope = "" if alone else ":is(.plot,.spark) "
    flat = [f"{scope}{kind}{{{_USED.sub(lambda used: colours[used[1]], body)}}}" for kind, body in rules]
    return f".plot text{{{_FONT};font-size:12px}}{''.join(flat)}"


@lru_cache(maxsize=2)
def _colours(theme: str) -> dict[str, str]:
    tokens = (_FOLDER / "tokens.css").read_text(encoding="utf-8")
    return {name: hex_of(light if theme == "light" else dark) for name, light, dark in _TOKEN.findall(tokens)}


def hex_of(oklch: str) -> str:
    """`#rrggbb` of "lightness chroma hue"; what no screen shows is cut off at its edge."""
    lightness, chroma, hue = (float(part) for part in oklch.split())
    lab = (lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue)))
    cones = [sum(a * b for a, b in zip(row, lab, strict=True)) ** 3 for row in _TO_CONES]
    light = [sum(a * b for a, b in zip(row, cones, strict=True)) for row in _TO_RGB]
    return "#" + "".join(f"{round(255 * _gamma(min(max(part, 0.0), 1.0))):02x}" for part in light)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
