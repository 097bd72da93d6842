"""Reads drawings back: where their marks and words are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from portal.ui.charts import Drawing
from portal.ui.charts.layout import Box, text_box

_STEP = re.compile(r"([MLHVhvlz])|(-?[\d.]+(?:e-?\d+)?)")
_ARGUMENTS = {"M": 2, "L": 2, "l": 2, "H": 1, "V": 1, "h": 1, "v": 1, "z": 0}
Place = tuple[float, float]


def element(drawing: Drawing) -> Element:
    """The drawing, parsed; fails if it is not well-formed."""
    return fromstring(drawing.svg("k", "Title", "Description"))


def steps_of(path: str) -> Iterator[Place]:
    """Every place that a path goes to."""
    x = y = 0.0
    start = (0.0, 0.0)
    command = ""
    numbers: list[float] = []
    for letter, number in _STEP.findall(path):
        if letter:
            assert not numbers, path
            command = letter
        else:
            numbers.append(float(number))
        if command == "z" or (numbers and len(numbers) == _ARGUMENTS[command]):
            x, y = _moved(command, numbers, x, y, start)
            if command == "M":
                start, command = (x, y), "L"
            numbers = []
            yield x, y
    assert not numbers, path


def _moved(command: str, numbers: list[float], x: float, y: float, start: Place) -> Place:
    if command == "z":
        return start
    across = numbers[0] if command in "MLlHh" else 0.0
    down = numbers[-1] if command in "MLlVv" else 0.0
    if command in "ML":
        return across, down
    if command in "HV":
        return (across, y) if command == "H" else (x, down)
    return x + across, y + down


def places(drawing: Drawing, kind: str) -> list[Place]:
    """The places of all paths of a class."""
    paths = [found.get("d", "") for found in element(drawing).iter("path") if found.get("class") == kind]
    return [place for path in paths for place in steps_of(path)]


def starts(drawing: Drawing, kind: str) -> list[Place]:
    """Where the dots or diamonds of a class are: the places that its paths move to."""
    paths = [found.get("d", "") for found in element(drawing).iter("path") if found.get("class") == kind]
    return [(float(x), float(y)) for path in paths for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", path)]


def words_of(drawing: Drawing) -> list[tuple[str, Box]]:
    """All words with the room that they take."""
    found = []
    root = element(drawing)
    parents = {child: parent for parent in root.iter() for child in parent}
    for text in root.iter("text"):
        anchor = text.get("text-anchor") or parents[text].get("text-anchor") or ""
        place = float(text.get("x", "")), float(text.get("y", ""))
        found.append((text.text or "", text_box(*place, text.text or "", anchor)))
    return found


def outside(drawing: Drawing, slack: float = 1.0) -> list[object]:
    """What lies outside the drawing: paths, circles, links and words."""
    found: list[object] = []

    def check(left: float, top: float, right: float, bottom: float, what: object) -> None:
        inside = (
            -slack <= left and right <= drawing.width + slack and -slack <= top and bottom <= drawing.height + slack
        )
        if not inside:
            found.append((what, left, top, right, bottom))

    for part in element(drawing).iter():
        if part.tag == "path":
            for x, y in steps_of(part.get("d", "")):
                check(x, y, x, y, part.get("class"))
        elif part.tag == "rect":
            x, y = float(part.get("x", "")), float(part.get("y", ""))
            check(x, y, x + float(part.get("width", "")), y + float(part.get("height", "")), part.get("class"))
        elif part.tag == "circle":
            x, y, r = (float(part.get(name, "")) for name in ("cx", "cy", "r"))
            check(x - r, y - r, x + r, y + r, part.get("class"))
    for text, box in words_of(drawing):
        check(*box, text)
    return found


def overlapping(drawing: Drawing, slack: float = 1.0) -> list[tuple[str, str]]:
    """Words that lie on each other."""
    found = words_of(drawing)
    return [
        (text, other)
        for at, (text, box) in enumerate(found)
        for other, rest in found[at + 1 :]
        if box[0] + slack < rest[2]
        and rest[0] + slack < box[2]
        and box[1] + slack < rest[3]
        and rest[1] + slack < box[3]
    ]


def finite(drawing: Drawing) -> bool:
    """Whether no coordinate is NaN or infinite."""
    return not re.search(r'="[^"]*\b(?:nan|inf)\b', re.sub(r">[^<]*<", "><", drawing.body), re.IGNORECASE)
