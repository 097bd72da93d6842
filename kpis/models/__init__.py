"""Tables of the wing: facts, daily sums, definitions, contracts, results."""

from .contracts import Band, Contract, Invoice, Line, Schedule, SiteCover
from .definitions import Component, Kpi, KpiVersion
from .facts import AgentInterval, ContactInterval, Figure, QaEvaluation, SurveyResponse
from .handing import HandIn, HandInDue
from .imports import Batch, Revision, RowFault
from .notes import AlertEvent, Annotation, Follow, Mailing, SavedView, SignalDue
from .results import Exclusion, Result, ResultLine, Statement
from .sums import AgentDay, Difference, DirtyBucket, QueueDay

__all__ = [
    "AgentDay",
    "AgentInterval",
    "AlertEvent",
    "Annotation",
    "Band",
    "Batch",
    "Component",
    "ContactInterval",
    "Contract",
    "Difference",
    "DirtyBucket",
    "Exclusion",
    "Figure",
    "Follow",
    "HandIn",
    "HandInDue",
    "Invoice",
    "Kpi",
    "KpiVersion",
    "Line",
    "Mailing",
    "QaEvaluation",
    "QueueDay",
    "Result",
    "ResultLine",
    "Revision",
    "RowFault",
    "SavedView",
    "Schedule",
    "SignalDue",
    "SiteCover",
    "Statement",
    "SurveyResponse",
]
