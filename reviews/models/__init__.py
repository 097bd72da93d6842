"""Tables of the wing: packs, engagements, visits, findings, actions."""

from .actions import Action, ActionEvent
from .meetings import (
    AgendaItem,
    Attendee,
    CalendarFeed,
    Decision,
    Engagement,
    Minutes,
    NoteRevision,
    Series,
    SeriesMember,
)
from .packs import (
    Acknowledgement,
    Comment,
    Line,
    Pack,
    PackFile,
    ReportJob,
    ReviewKind,
    Section,
    Subscription,
)
from .visits import (
    Answer,
    AnswerChange,
    Checklist,
    ChecklistSection,
    ChecklistVersion,
    Finding,
    Observation,
    Photo,
    Question,
    Sharing,
    Theme,
    Visit,
)

__all__ = [
    "Acknowledgement", "Action", "ActionEvent", "AgendaItem", "Answer", "AnswerChange", "Attendee", "CalendarFeed", "Checklist",
    "ChecklistSection", "ChecklistVersion", "Comment", "Decision", "Engagement", "Finding", "Line", "Minutes", "NoteRevision",
    "Observation", "Pack", "PackFile", "Photo", "Question", "ReportJob", "ReviewKind", "Section", "Series", "SeriesMember",
    "Sharing", "Subscription", "Theme", "Visit",
]  # fmt: skip
