"""Enumerations of reviews: packs, meetings, visits, findings, actions."""

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Side(TextChoices):
    """Who somebody acts for."""

    COMPANY = "company", _("Company")
    PARTNER = "partner", _("Partner")


class Scope(TextChoices):
    """What a pack is about."""

    SITE = "site", _("Site")
    PARTNER = "partner", _("Partner")
    NETWORK = "network", _("Network")


class Rhythm(TextChoices):
    """How often a pack is made, and how long its period is."""

    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")
    QUARTER = "quarter", _("Every quarter")


class PackState(TextChoices):
    """How far a pack is. `waiting`: its numbers are not frozen yet."""

    WAITING = "waiting", _("Being made")
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class Format(TextChoices):
    """What a pack is rendered as besides the page."""

    PDF = "pdf", "PDF"
    XLSX = "xlsx", "Excel"
    PPTX = "pptx", "PowerPoint"


class FileState(TextChoices):
    """How far a rendering is."""

    WAITING = "waiting", _("Waiting")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")


class EngagementKind(TextChoices):
    """What brings company and partner together."""

    OPS_CALL = "ops_call", _("Weekly ops call")
    LEAD_MEETING = "lead_meeting", _("Team-lead meeting")
    CALIBRATION = "calibration", _("Calibration")
    ROUND_TABLE = "round_table", _("Round table")
    SITE_VISIT = "site_visit", _("Site visit")
    SHADOWING = "shadowing", _("Call shadowing")
    BUSINESS_REVIEW = "business_review", _("Business review")


class EngagementState(TextChoices):
    """How far a meeting or visit is."""

    PLANNED = "planned", _("Planned")
    RUNNING = "running", pgettext_lazy("a meeting", "Running")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Cancelled")


class Reply(TextChoices):
    """What an attendee answered."""

    NONE = "none", pgettext_lazy("reply to an invitation", "No answer")
    ACCEPTED = "accepted", pgettext_lazy("reply to an invitation", "Accepted")
    TENTATIVE = "tentative", _("Tentative")
    DECLINED = "declined", pgettext_lazy("reply to an invitation", "Declined")


class AgendaKind(TextChoices):
    """Where a point of the agenda comes from."""

    EXCEPTION = "exception", pgettext_lazy("packs", "Exception")
    ACTION = "action", _("Open action")
    TOPIC = "topic", _("Topic")


class QuestionKind(TextChoices):
    """How a question of a checklist is answered."""

    YES_NO = "yes_no", _("Yes or no")
    SCORE = "score", _("Score")
    TEXT = "text", _("Text")


class FindingKind(TextChoices):
    """What was found."""

    FINDING = "finding", _("Finding")
    PRACTICE = "practice", _("Best practice")
    TOP_ISSUE = "top_issue", _("Evidence for a top issue")


class Adoption(TextChoices):
    """What a site does with another's best practice."""

    ADOPT = "adopt", _("Adopt")
    ADAPT = "adapt", _("Adapt")
    NOT_FOR_US = "not_for_us", _("Not for us")


class ActionState(TextChoices):
    """How far an action is. Done is what its owner says, verified what somebody else saw."""

    OPEN = "open", pgettext_lazy("actions", "Open")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Done, to be verified")
    VERIFIED = "verified", _("Verified")
    DROPPED = "dropped", _("Dropped")


OPEN_ACTIONS: Final = (ActionState.OPEN, ActionState.UNDER_WAY)
#: Still somebody's business: to do, or to verify.
LIVE_ACTIONS: Final = (*OPEN_ACTIONS, ActionState.DONE)
ENDED_ACTIONS: Final = (ActionState.VERIFIED, ActionState.DROPPED)


class Source(TextChoices):
    """What an action came out of."""

    FINDING = "finding", _("Finding")
    PACK = "pack", _("Review line")
    MEETING = "meeting", _("Meeting")
    CASE = "case", pgettext_lazy("source of an action", "Case")
    SCORECARD = "scorecard", _("Scorecard")
    OTHER = "other", _("Something else")


class Verdict(TextChoices):
    """What the control chart says of an action."""

    SEEN = "seen", _("Shift seen")
    NOT_SEEN = "not_seen", _("Shift not seen")
    TOO_EARLY = "too_early", _("Too early to say")
    UNTOLD = "untold", _("Cannot be told")
