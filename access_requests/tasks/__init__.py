"""Doors for the workers, a file per topic."""

from .approvals import expire_undecided, find_orphans, tell_stand_ins
from .following import follow_days, prune_drafts
from .fulfilment import dispatch, expire, free, recheck, sweep

__all__ = [
    "dispatch",
    "expire",
    "expire_undecided",
    "find_orphans",
    "follow_days",
    "free",
    "prune_drafts",
    "recheck",
    "sweep",
    "tell_stand_ins",
]
