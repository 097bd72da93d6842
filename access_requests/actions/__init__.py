"""Writes of access: one verb per function, audited, refused with a reason."""

from .deciding import Outcome, decide
from .leaving import expire_due, reconcile, report_leavers
from .raising import Line, cancel, raise_request, submit_request

__all__ = [
    "Line",
    "Outcome",
    "cancel",
    "decide",
    "expire_due",
    "raise_request",
    "reconcile",
    "report_leavers",
    "submit_request",
]
