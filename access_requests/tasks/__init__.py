"""Doors for the workers, a file per topic."""

from .approvals import expire_undecided, find_orphans
from .fulfilment import dispatch, expire, recheck

__all__ = ["dispatch", "expire", "expire_undecided", "find_orphans", "recheck"]
