"""Writes of access: one verb per function, audited, refused with a reason."""

from .deciding import Outcome, decide
from .dispatching import dispatch
from .fulfilling import Result, claim, dispute, fail, never_done, retry, take, verify_by_lead
from .leaving import expire_due, reconcile, report_leavers
from .raising import Line, cancel, raise_request, submit_request

__all__ = [
    "Line",
    "Outcome",
    "Result",
    "cancel",
    "claim",
    "decide",
    "dispatch",
    "dispute",
    "expire_due",
    "fail",
    "never_done",
    "raise_request",
    "reconcile",
    "report_leavers",
    "retry",
    "submit_request",
    "take",
    "verify_by_lead",
]
