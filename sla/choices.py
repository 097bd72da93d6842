"""The words of clocks."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClockState(models.TextChoices):
    """Where a clock stands. Met and cancelled end it."""

    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    MET = "met", _("Met")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES = (ClockState.RUNNING, ClockState.PAUSED)


class EventKind(models.TextChoices):
    """What can happen to a clock."""

    STARTED = "started", _("Started")
    PAUSED = "paused", _("Paused")
    RESUMED = "resumed", _("Resumed")
    WARNED = "warned", _("Warned")
    BREACHED = "breached", _("Breached")
    ESCALATED = "escalated", _("Escalated")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    MET = "met", _("Met")
    CANCELLED = "cancelled", _("Cancelled")
    RECOMPUTED = "recomputed", _("Recomputed")


# Those that come by themselves, out of a clock's plan.
FIRED_KINDS = (EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED)
ONCE_KINDS = (EventKind.STARTED, EventKind.MET, EventKind.CANCELLED)


class Recipient(models.TextChoices):
    """Whom an escalation level reaches, besides users named one by one."""

    OWNER = "owner", _("Owner")
    SERVICE_LEAD = "service_lead", _("Service lead")
    COORDINATOR = "coordinator", _("Coordinators of the site")
    MANAGER = "manager", _("Partner managers of the site")


class Weekday(models.TextChoices):
    """Keys of a calendar's weekly hours."""

    MON = "mon", _("Monday")
    TUE = "tue", _("Tuesday")
    WED = "wed", _("Wednesday")
    THU = "thu", _("Thursday")
    FRI = "fri", _("Friday")
    SAT = "sat", _("Saturday")
    SUN = "sun", _("Sunday")


class JobState(models.TextChoices):
    """How far a recomputation of running clocks has come."""

    PENDING = "pending", _("Under way")
    DONE = "done", _("Done")


# A business minute more than ten years of them is a typing mistake.
MAX_MINUTES = 10 * 366 * 24 * 60
