"""The words of the queue: its saved views, filters and operations on several cases."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tab(models.TextChoices):
    """The saved views of the queue."""

    OPEN = "open", _("All open")
    MINE = "mine", _("Mine")
    UNASSIGNED = "unassigned", _("Unassigned")
    DUE_SOON = "due_soon", _("Due soon")
    BREACHED = "breached", _("Breached")
    WAITING = "waiting", _("Waiting")
    RESOLVED_TODAY = "resolved_today", _("Resolved today")


class Age(models.TextChoices):
    """How long ago a case was opened."""

    DAY = "1d", _("Last 24 hours")
    WEEK = "7d", _("Last 7 days")
    MONTH = "30d", _("Last 30 days")
    OLDER = "older", _("Older than 30 days")


class Operation(models.TextChoices):
    """What may be done to several cases at once."""

    ASSIGN = "assign", _("Assign")
    SEVERITY = "severity", _("Set severity")
    STATE = "state", _("Change state")
