"""Writes of the wing, one verb a function."""

from .facts import hand_in
from .recomputing import make_sums, mark_dirty, mark_range, recompute

__all__ = ["hand_in", "make_sums", "mark_dirty", "mark_range", "recompute"]
