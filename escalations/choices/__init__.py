"""The words of an escalation case."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a case stands. Merged, rejected and closed end it."""

    NEW = "new", _("New")
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


class Reason(models.TextChoices):
    """Why something is not possible."""

    NOT_VISIBLE = "not_visible", _("There is no such case, or it is not yours to see.")
    NOT_YOUR_ROLE = "not_your_role", _("Your role does not allow this.")
    NOT_POSSIBLE = "not_possible", _("This is not possible in the case's present state.")
    TOO_LATE_TO_REOPEN = "too_late_to_reopen", _("A case can be reopened within 14 days of being resolved.")
    SIGNALS_FORCE = "signals_force", _("These signals make it S1. Remove the signal to choose another severity.")
    REASON_NEEDED = "reason_needed", _("Say why.")
    TEXT_NEEDED = "text_needed", _("Write something.")
    TEXT_TOO_LONG = "text_too_long", _("Shorten the text.")
    SUBJECT_NEEDED = "subject_needed", _("Give the case a subject.")
    OWNER_CANNOT_WORK = "owner_cannot_work", _("This person cannot see or work the case.")
    NOT_FOR_ONESELF = "not_for_oneself", _("Nobody decides for themselves. Ask another service lead.")
    NOT_RESTRICTED = "not_restricted", _("The case is not restricted.")
    ALREADY_THEIRS = "already_theirs", _("The case is assigned to this person already.")
    ALREADY_UNASSIGNED = "already_unassigned", _("The case is unassigned already.")
    ALREADY_JUDGED = "already_judged", _("The case is judged this way already.")
    ALREADY_THERE = "already_there", _("The case is with this service already.")
    ALREADY_AS_SENSITIVE = "already_as_sensitive", _("The case has this sensitivity already.")
    ALREADY_GRANTED = "already_granted", _("This person has access already.")
    ALREADY_ENDED = "already_ended", _("This access has ended already.")
    ALREADY_OPEN_TO_YOU = "already_open_to_you", _("You can see this case already.")
    FACT_REPLACED = "fact_replaced", _("Somebody corrected this a moment ago. Look at what stands there now.")
    NOTHING_CHANGED = "nothing_changed", _("Nothing was changed. Correct a field, or go back.")
    ALREADY_REVIEWED = "already_reviewed", _("This has been reviewed already.")
    ALREADY_REDACTED = "already_redacted", _("This text has been removed already.")
    NOT_GRANTABLE = "not_grantable", _("Access can be granted to coordinators, partner managers and associates.")
    IN_FUTURE = "in_future", _("Choose a time that is not in the future.")
    BEFORE_OPENED = "before_opened", _("Choose a time after the case was opened.")
    UNKNOWN_SERVICE = "unknown_service", _("Choose a service.")
    UNKNOWN_SITE = "unknown_site", _("Choose one of your sites.")
    UNKNOWN_ISSUE = "unknown_issue", _("Choose an issue type.")
    UNKNOWN_VALUE = "unknown_value", _("Choose one of the values offered.")
    NO_HIGHER_LEVEL = "no_higher_level", _("The case stands at the highest escalation level.")
    NAME_NEEDED = "name_needed", _("Give it a name.")
    MACRO_EMPTY = "macro_empty", _("A macro does at least one thing.")
    MACRO_TEMPLATE_ARCHIVED = (
        "macro_template_archived",
        _("The template of this macro is archived. Bring it back, or choose another one in the macro."),
    )
    NAME_TAKEN = "name_taken", _("This name is taken.")
    TEMPLATE_UNREADABLE = "template_unreadable", _("A variable in the text cannot be read.")
    GAPS_LEFT = "gaps_left", _("Fill in what is still missing: %(gaps)s.")
    ASKS_KNOWN = "asks_known", _("The template asks for what is known already: %(facts)s. Say why it has to be asked.")
    CODE_UNFIT = "code_unfit", _("Use letters, digits, hyphens and underscores for the code.")
    CODE_TAKEN = "code_taken", _("This code is taken.")
    STALE = "stale", _("Not saved. Somebody changed this a moment ago.")
    MERGED = "merged", _("The case was merged. Go on in the one it was merged into.")
    MERGE_INTO_ITSELF = "merge_into_itself", _("A case cannot be merged into itself. Choose another one.")
    TARGET_MERGED = "target_merged", _("That case was merged itself. Choose the one it was merged into.")
    TARGET_MERGED_INTO = "target_merged_into", _("That case was merged into %(ref)s. Choose %(ref)s instead.")
    TARGET_ENDED = "target_ended", _("That case is resolved or has ended. Reopen it first, or choose an open one.")
    NOBODY_FREE = "nobody_free", _("Nobody who is on duty can take this case now.")
    NOTHING_TO_TAKE = "nothing_to_take", _("There is no unassigned case for you now.")
    TOO_MANY = "too_many", _("Choose at most 200 cases.")
    NO_MAILBOX = "no_mailbox", _("The service has no mailbox to write from.")
    ADDRESS_NEEDED = "address_needed", _("Give an e-mail address.")
    MAILBOX_TAKEN = "mailbox_taken", _("Choose a mailbox that is no service’s yet.")
    STEP_OPEN = "step_open", _("Not resolved: the playbook asks for this step first: %(step)s")
    REOPEN_FIRST = "reopen_first", _("Another playbook would be for the case then. Reopen the case first.")
    STEP_NOT_ASKED = "step_not_asked", _("The playbook of this case does not ask for this step now.")
    STEP_IS_SETTLED = "step_is_settled", _("This step is done or skipped already.")
    STEP_IS_OPEN = "step_is_open", _("This step is open already.")
    STEP_REQUIRED = "step_required", _("This step is required and cannot be skipped.")
    ANSWER_NEEDED = "answer_needed", _("Choose one of the answers.")
    WORDS_NEEDED = "words_needed", _("Say in a few words what was done.")
    FILE_NEEDED = "file_needed", _("Add the file that shows it.")
    PLAYBOOK_TAKEN = "playbook_taken", _("There is a playbook for this service, issue type and severity already.")
    PLAYBOOK_HAS_DRAFT = "playbook_has_draft", _("There is a draft already. Edit that one.")
    PLAYBOOK_EMPTY = "playbook_empty", _("Write at least one step first.")
    BRANCH_BROKEN = "branch_broken", _("“%(step)s” hangs on an answer that no earlier step gives.")
    ANSWERS_TOO_FEW = "answers_too_few", _("“%(step)s” needs two different answers, or none.")
    STEP_GONE = "step_gone", _("Somebody removed this step meanwhile.")
    NOT_YOURS = "not_yours", _("The case is not yours to hand on.")
    LINE_NEEDED = "line_needed", _("Write a line about %(ref)s: S1 and S2 are not handed over without one.")
    TAKER_UNKNOWN = "taker_unknown", _("Choose somebody of these cases’ services, and not yourself.")
    TAKER_AT_CAP = (
        "taker_at_cap",
        _("%(name)s has %(load)s of at most %(cap)s. These cases would add %(more)s: keep some of them."),
    )
    NOTHING_TO_HAND = (
        "nothing_to_hand",
        _("There is no case left to hand over: they are not yours or not open any more."),
    )


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
