"""Writes of access: one verb per function, audited, refused with a reason."""

from .deciding import Outcome, decide
from .dispatching import dispatch
from .exceptions import ask_exception, end_exception, grant_exception, refuse_exception
from .fulfilling import Result, claim, dispute, fail, never_done, retry, take, verify_by_lead
from .leaving import expire_due, reconcile, report_leavers
from .raising import Line, cancel, raise_request, submit_request
from .telling import in_silence
from .watching import expire_undecided, find_orphans

__all__ = [
    "Line",
    "Outcome",
    "Result",
    "ask_exception",
    "cancel",
    "claim",
    "decide",
    "dispatch",
    "dispute",
    "end_exception",
    "expire_due",
    "expire_undecided",
    "fail",
    "find_orphans",
    "grant_exception",
    "in_silence",
    "never_done",
    "raise_request",
    "reconcile",
    "refuse_exception",
    "report_leavers",
    "retry",
    "submit_request",
    "take",
    "verify_by_lead",
]
