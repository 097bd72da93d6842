"""Reads of the wing. What a page, an export or an alert shows starts at the sites that its reader may see."""

from .definitions import formula_of, in_force, kpis_in_use, stretches, versions_of
from .figures import NOW, THEN, Figures, figures
from .sums import Key, Row, Scope, sums

__all__ = [
    "NOW",
    "THEN",
    "Figures",
    "Key",
    "Row",
    "Scope",
    "figures",
    "formula_of",
    "in_force",
    "kpis_in_use",
    "stretches",
    "sums",
    "versions_of",
]
