"""The words of feedback among colleagues."""

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Hours in which whoever gave feedback may change it.
EDIT_HOURS = 24


class Criterion(models.TextChoices):
    """What is looked at in the work on an escalation."""

    OWNERSHIP = "ownership", _("Ownership")
    COMMUNICATION = "communication", _("Communication")
    JUDGEMENT = "judgement", _("Judgement")
    DOCUMENTATION = "documentation", _("Documentation")


class Rating(models.IntegerChoices):
    """How it was, in words."""

    ONE = 1, _("Needs support")
    TWO = 2, _("Getting there")
    THREE = 3, _("Solid")
    FOUR = 4, _("An example to others")
