"""Enumerations of the wing."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class FactKind(TextChoices):
    """What a file of facts holds, a row per ..."""

    CONTACTS = "contacts", _("Contact intervals")
    AGENTS = "agents", _("Agent intervals")
    SURVEYS = "surveys", _("Survey responses")
    QUALITY = "quality", _("QA evaluations")
    FIGURES = "figures", _("Daily figures")


class SurveyKind(TextChoices):
    """NPS is answered 0 to 10; CSAT 1 to the top of its scale, the two best being satisfied."""

    NPS = "nps", "NPS"
    CSAT = "csat", "CSAT"


class BatchState(TextChoices):
    """How far an import is."""

    READING = "reading", _("Being read")
    CHECKED = "checked", _("Checked")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    DISCARDED = "discarded", _("Discarded")


class ImportMode(TextChoices):
    """What to do with a file that has bad rows."""

    WHOLE = "whole", _("All rows or none")
    GOOD = "good", _("Good rows only")


class Unit(TextChoices):
    """How a figure is shown. A percent is kept as a ratio."""

    PERCENT = "percent", _("Percent")
    NUMBER = "number", pgettext_lazy("unit", "Number")
    SECONDS = "seconds", _("Seconds")
    POINTS = "points", _("Points")
    PER_HOUR = "per_hour", _("Per hour")


class Direction(TextChoices):
    """Which way is better."""

    UP = "up", _("Higher is better")
    DOWN = "down", _("Lower is better")
    BAND = "band", _("Within a band")


class RollUp(TextChoices):
    """How a figure is put together over time. Over sites it is always the sum of components."""

    RATIO = "ratio", _("Sum over sum")
    LAST = "last", _("Last value")


class Interval(TextChoices):
    """How sure a figure is."""

    NONE = "none", _("None")
    WILSON = "wilson", _("Wilson, of a proportion")
    ADJUSTED_WALD = "adjusted_wald", _("Adjusted Wald, of NPS")


class Grain(TextChoices):
    """Length of a period on a page. `rolling` is the last 28 days."""

    DAY = "day", _("Day")
    WEEK = "week", pgettext_lazy("period", "Week")
    MONTH = "month", _("Month")
    QUARTER = "quarter", _("Quarter")
    ROLLING = "rolling", _("28 days")


class Rag(TextChoices):
    """The verdict on a figure against its line."""

    GREEN = "g", _("On target")
    AMBER = "a", _("Watch")
    RED = "r", _("Off target")
    NONE = "n", _("Insufficient sample")


class Shortage(TextChoices):
    """What becomes of a line's weight when its sample is too small."""

    REDISTRIBUTE = "redistribute", _("Shared out to the other lines")
    CARRY = "carry", _("Counted at the score of the period before")


class Side(TextChoices):
    """Who somebody acts for."""

    COMPANY = "company", _("Company")
    PARTNER = "partner", _("Partner")


class ExclusionState(TextChoices):
    """How far a disputed time range is."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved by both sides")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ExclusionReason(TextChoices):
    """Why an interval should not count."""

    OUTAGE = "outage", _("Our tools were down")
    NETWORK = "network", _("Network or power")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")
    ROUTING = "routing", _("Calls were sent elsewhere")
    VOLUME = "volume", _("Volume far above forecast")
    DATA = "data", _("The data are wrong")
    OTHER = "other", _("Something else")


class NoteKind(TextChoices):
    """What an annotation tells of."""

    OUTAGE = "outage", _("Outage")
    LAUNCH = "launch", _("Launch")
    POLICY = "policy", _("Policy change")
    STAFFING = "staffing", _("Staffing")
    OTHER = "other", _("Other")


class SignalKind(TextChoices):
    """What an alert tells of."""

    RED = "red", _("Off target")
    OUTSIDE = "outside", _("Outside the control limits")
    NEAR = "near", _("3 of 4 near a control limit")
    RUN = "run", _("8 on one side of the mean")


class StatementState(TextChoices):
    """A statement of bonus or malus."""

    DRAFT = "draft", _("Draft")
    SIGNED = "signed", _("Signed by both sides")
