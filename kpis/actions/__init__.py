"""Writes of the wing, one verb a function."""

from .recomputing import make_sums, mark_dirty, mark_range, recompute

__all__ = ["make_sums", "mark_dirty", "mark_range", "recompute"]
