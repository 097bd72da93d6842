"""A file that is being read: its heading, its lines, and what cannot be a row at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row (`row` 1 is the heading): a code with parameters, and the column to look at."""

    row: int
    column: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Faults:
    """The first faults, and how many rows have any."""

    kept: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, fault: Fault) -> None:
        """Count it; keep it while there is room."""
        self.count += 1
        if len(self.kept) < KEPT:
            self.kept.append(fault)


@dataclass(slots=True)
class Source:
    """A file behind its heading. `rows` counts all rows, the bad ones too.

    `lines`: rows of a workbook or of JSON; of a CSV, which has a `delimiter`, its lines, of which the heading took `taken`.
    """

    heading: list[str]
    lines: Iterator[Any]
    close: Callable[[], None]
    delimiter: str = ""
    taken: int = 0
    faults: Faults = field(default_factory=Faults)
    rows: int = 0

    def odd(self, line: int, cells: list[str]) -> None:
        """A line with more or fewer cells than the heading is a bad row, unless it is blank."""
        if any(cell.strip() for cell in cells):
            self.rows += 1
            self.faults.add(Fault(line, "", "width", {"found": len(cells), "expected": len(self.heading)}))
