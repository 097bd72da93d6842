"""The words of an escalation case."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .reasons import Reason as Reason


class State(models.TextChoices):
    """Where a case stands. Merged, rejected and closed end it."""

    NEW = "new", pgettext_lazy("case state", "New")
    TRIAGED = "triaged", _("Triaged")
    IN_PROGRESS = "in_progress", _("In progress")
    WAITING_CUSTOMER = "waiting_customer", _("Waiting on customer")
    WAITING_THIRD_PARTY = "waiting_third_party", _("Waiting on third party")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")
    MERGED = "merged", _("Merged")
    REJECTED = "rejected", _("Rejected")


# Open: somebody still has to act, so the case stands in the queue and its clocks count.
OPEN_STATES = (State.NEW, State.TRIAGED, State.IN_PROGRESS, State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY)
WAITING_STATES = (State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY)
ENDED_STATES = (State.CLOSED, State.MERGED, State.REJECTED)


class Verb(models.TextChoices):
    """What may be done to a case's state."""

    TRIAGE = "triage", _("Mark triaged")
    START = "start", _("Start work")
    WAIT_CUSTOMER = "wait_customer", _("Wait on customer")
    WAIT_THIRD_PARTY = "wait_third_party", _("Wait on third party")
    RESUME = "resume", _("Resume work")
    RESOLVE = "resolve", _("Resolve")
    CLOSE = "close", _("Close")
    REOPEN = "reopen", _("Reopen")
    REJECT = "reject", _("Reject")


class Severity(models.IntegerChoices):
    """S1 is the gravest."""

    S1 = 1, "S1"
    S2 = 2, "S2"
    S3 = 3, "S3"
    S4 = 4, "S4"


class Impact(models.TextChoices):
    """What is at stake: the rows of a severity matrix."""

    PEOPLE = "people", _("People harmed or at risk")
    LEGAL = "legal", _("Legal or regulatory")
    REACH = "reach", _("Public reach")
    MONEY = "money", _("Money")
    MINOR = "minor", _("Inconvenience")


class Urgency(models.TextChoices):
    """How soon it bites: the columns of a severity matrix."""

    NOW = "now", _("Happening now")
    TODAY = "today", _("Today")
    WEEK = "week", _("This week")


class Signal(models.TextChoices):
    """Each of these forces S1, whatever the matrix says."""

    SAFETY = "safety", _("Safety of a person")
    PRESS = "press", _("A journalist or regulator")
    EXECUTIVE = "executive", _("Addressed to an executive")
    STRANDED = "stranded", _("A stay under way with nowhere to sleep")


class Sensitivity(models.TextChoices):
    """Who may know that the case exists."""

    STANDARD = "standard", _("Standard")
    CONFIDENTIAL = "confidential", _("Confidential")
    RESTRICTED = "restricted", _("Restricted")


class Channel(models.TextChoices):
    """How a matter reached us, or how we were in touch."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    CHAT = "chat", _("Live chat")
    SOCIAL = "social", _("Social media")
    MESSAGING = "messaging", _("Messaging")
    PORTAL = "portal", _("Portal")
    LETTER = "letter", _("Letter")
    IMPORT = "import", _("Imported")


class Direction(models.TextChoices):
    """Which way a contact went."""

    INBOUND = "in", _("From the customer")
    OUTBOUND = "out", _("To the customer")


class Outcome(models.TextChoices):
    """What came of a contact."""

    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("No answer")
    VOICEMAIL = "voicemail", _("Left a message")
    SENT = "sent", _("Sent")
    RECEIVED = "received", _("Received")


class Reject(models.TextChoices):
    """Why a case was not taken on."""

    DUPLICATE = "duplicate", _("Duplicate")
    NOT_ESCALATION = "not_escalation", _("Not an escalation")
    WRONG_SERVICE = "wrong_service", _("Belongs elsewhere")
    SPAM = "spam", _("Spam")


class Entry(models.TextChoices):
    """Kinds of timeline entries."""

    OPENED = "opened", _("Opened")
    NOTE = "note", _("Note")
    CONTACT = "contact", _("Contact")
    STATE = "state", _("State")
    SEVERITY = "severity", _("Severity")
    ASSIGNMENT = "assignment", _("Assignment")
    SERVICE = "service", _("Service")
    SENSITIVITY = "sensitivity", _("Sensitivity")
    GRANT = "grant", _("Access")
    DETAILS = "details", _("Details")
    CLOCK = "clock", _("Clock")
    ESCALATION = "escalation", _("Escalation")
    LINK = "link", _("Link")
    STEP = "step", _("Playbook")
    FACT = "fact", _("Known fact")
    HANDOVER = "handover", _("Hand-over")
    CONSULT = "consult", _("Consult")
    STATUTORY = "statutory", _("Deadline by law")
    BRIEF = "brief", _("Brief")
    IMPORTED = "imported", _("Imported event")


class Evidence(models.TextChoices):
    """What has to come with a step that is done."""

    NONE = "none", _("Nothing")
    TEXT = "text", _("A few words")
    FILE = "file", _("A file")


class StepWhat(models.TextChoices):
    """What may be said of a step of a playbook."""

    DONE = "done", _("Done")
    UNDONE = "undone", _("Open again")
    SKIPPED = "skipped", _("Skipped")


class GrantKind(models.TextChoices):
    """How somebody came to see a restricted case."""

    GRANT = "grant", _("Granted")
    BREAK_GLASS = "break_glass", _("Break-glass")


class GivenBy(models.TextChoices):
    """How a case came to whoever is least loaded."""

    NEXT = "next", _("On request")
    AUTOMATIC = "automatic", _("By itself")


class Unfit(models.TextChoices):
    """Why somebody cannot be given a case."""

    OFF_DUTY = "off_duty", _("Not on duty")
    OTHER_ISSUES = "other_issues", _("Takes other issue types")
    OTHER_LANGUAGE = "other_language", _("Takes other languages")
    AT_CAP = "at_cap", _("Has as much as their cap")
    CANNOT_WORK = "cannot_work", _("Cannot see or work the case")


class Metric(models.TextChoices):
    """What a case's clocks measure."""

    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_REPLY = "next_reply", _("Next reply")
    RESOLUTION = "resolution", _("Resolution")


SELF_CLOSE_DAYS = 7
REOPEN_DAYS = 14
BREAK_GLASS_MINUTES = 60
DUE_SOON_HOURS = 2
MAX_LEVEL = 5
MAX_TEXT = 20_000
MAX_BULK = 200
# Until a service says otherwise: rows are impacts, columns urgencies now, today, this week.
DEFAULT_MATRIX: dict[tuple[str, str], int] = {
    (impact, urgency): severity
    for impact, row in {
        Impact.PEOPLE: (1, 1, 2),
        Impact.LEGAL: (1, 2, 2),
        Impact.REACH: (1, 2, 3),
        Impact.MONEY: (2, 3, 3),
        Impact.MINOR: (3, 4, 4),
    }.items()
    for urgency, severity in zip(Urgency, row, strict=True)
}
