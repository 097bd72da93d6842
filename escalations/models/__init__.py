"""Services, cases, timelines. Fields, constraints and indexes; no workflow."""

from .case import OPEN, Case, CaseOrigin
from .configuration import IssueType, Service, SeverityCell
from .grants import CaseGrant
from .timeline import EntryBody, TimelineEntry, Watcher

__all__ = [
    "OPEN",
    "Case",
    "CaseGrant",
    "CaseOrigin",
    "EntryBody",
    "IssueType",
    "Service",
    "SeverityCell",
    "TimelineEntry",
    "Watcher",
]
