"""Writes of the wing, one verb a function."""

from .facts import hand_in, lock_figures
from .handing import ask, asked, follow
from .recomputing import make_sums, mark_dirty, mark_moved, mark_range, recompute

__all__ = [
    "ask",
    "asked",
    "follow",
    "hand_in",
    "lock_figures",
    "make_sums",
    "mark_dirty",
    "mark_moved",
    "mark_range",
    "recompute",
]
