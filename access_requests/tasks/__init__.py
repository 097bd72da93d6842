"""Doors for the workers, a file per topic."""

from .fulfilment import dispatch, expire, recheck

__all__ = ["dispatch", "expire", "recheck"]
