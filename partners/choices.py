"""Enumerations of the directory."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PlacementKind(TextChoices):
    """A person has one primary placement at a time; a loan comes on top of it."""

    PRIMARY = "primary", _("Primary")
    LOAN = "loan", _("Loan")


class Language(TextChoices):
    """The language in which a person is addressed."""

    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Simplified Chinese")


class Presence(TextChoices):
    """How the list of people may be narrowed by employment."""

    CURRENT = "current", _("Current")
    LEFT = "left", _("Left")
    ALL = "all", _("All")


class LeaveKind(TextChoices):
    """Why somebody is away for some days, as far as the roster needs to know."""

    HOLIDAY = "holiday", _("Annual leave")
    SICK = "sick", _("Sick leave")
    PARENTAL = "parental", _("Parental leave")
    TRAINING = "training", _("Training")
    UNPAID = "unpaid", _("Unpaid leave")
    OTHER = "other", _("Other leave")


class RosterState(TextChoices):
    """How far a roster has come."""

    PREVIEWED = "previewed", _("Preview")
    SENT = "sent", _("Sent for approval")
    APPLIED = "applied", _("Applied")
    DISCARDED = "discarded", _("Discarded")


class ProposalKind(TextChoices):
    """What a row of a roster comes to."""

    JOINER = "joiner", _("Joiner")
    MOVER = "mover", _("Mover")
    LEAVER = "leaver", _("Leaver")
    REHIRE = "rehire", _("Rehire")
    UNCHANGED = "unchanged", _("Unchanged")
    UNDECIDED = "undecided", _("To decide")
    ERROR = "error", _("To fix")


class Decision(TextChoices):
    """Who somebody is who has the name of a person on file."""

    SAME = "same", _("The same person")
    NEW = "new", _("Somebody new")


class AttestationState(TextChoices):
    """Where a site stands with a week's word on leavers."""

    GIVEN = "given", _("Confirmed")
    OPEN = "open", pgettext_lazy("state", "Open")
    OVERDUE = "overdue", _("Overdue")
