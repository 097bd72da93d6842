"""Doors for the workers, a file per topic."""

from .approvals import expire_undecided, find_orphans, tell_stand_ins
from .figures import hand_in_figures, hand_in_figures_again
from .following import follow_days, prune_drafts
from .fulfilment import dispatch, expire, free, recheck, sweep

__all__ = [
    "dispatch",
    "expire",
    "expire_undecided",
    "find_orphans",
    "follow_days",
    "free",
    "hand_in_figures",
    "hand_in_figures_again",
    "prune_drafts",
    "recheck",
    "sweep",
    "tell_stand_ins",
]
