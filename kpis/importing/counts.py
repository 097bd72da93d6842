"""What came of the rows of a file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Made:
    """Numbers of rows. `errors`: rows with a fault, none of which is written."""

    rows: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    errors: int = 0
