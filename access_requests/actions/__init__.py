"""Writes of access: one verb per function, audited, refused with a reason."""

from .deciding import Outcome, decide
from .dispatching import dispatch
from .drafting import discard_draft, prune_drafts, save_draft, send_draft, start_draft
from .exceptions import ask_exception, end_exception, grant_exception, refuse_exception
from .following import follow_change, follow_days, follow_roster
from .freeing import free_blocked, free_waiting
from .fulfilling import Result, claim, dispute, fail, never_done, retry, take, verify_by_lead
from .leaving import expire_due, reconcile, report_leavers
from .raising import Line, cancel, raise_request, submit_request
from .sweeping import sweep_unsupported
from .telling import in_silence
from .watching import expire_undecided, find_orphans, tell_stand_ins

__all__ = [
    "Line",
    "Outcome",
    "Result",
    "ask_exception",
    "cancel",
    "claim",
    "decide",
    "discard_draft",
    "dispatch",
    "dispute",
    "end_exception",
    "expire_due",
    "expire_undecided",
    "fail",
    "find_orphans",
    "follow_change",
    "follow_days",
    "follow_roster",
    "free_blocked",
    "free_waiting",
    "grant_exception",
    "in_silence",
    "never_done",
    "prune_drafts",
    "raise_request",
    "reconcile",
    "refuse_exception",
    "report_leavers",
    "retry",
    "save_draft",
    "send_draft",
    "start_draft",
    "submit_request",
    "sweep_unsupported",
    "take",
    "tell_stand_ins",
    "verify_by_lead",
]
