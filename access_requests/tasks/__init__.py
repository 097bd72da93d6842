"""Doors for the workers, a file per topic."""

from .approvals import expire_undecided, find_orphans, tell_stand_ins
from .following import follow_days, prune_drafts
from .fulfilment import dispatch, expire, recheck

__all__ = [
    "dispatch",
    "expire",
    "expire_undecided",
    "find_orphans",
    "follow_days",
    "prune_drafts",
    "recheck",
    "tell_stand_ins",
]
