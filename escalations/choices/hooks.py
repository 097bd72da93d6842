"""Words of what other systems tell us of customers, and of what we tell other systems of cases."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from escalations.choices import Channel, Entry


class DoorKind(models.TextChoices):
    """What kind of system writes to an endpoint. The values are channels."""

    CHAT = Channel.CHAT.value, _("Live chat")
    SOCIAL = Channel.SOCIAL.value, _("Social media")
    MESSAGING = Channel.MESSAGING.value, _("Messaging")


class Happening(models.TextChoices):
    """What other systems may be told of a case."""

    CREATED = "case.created", _("Case opened")
    STATE = "case.state_changed", _("State changed")
    SEVERITY = "case.severity_changed", _("Severity changed")
    ASSIGNED = "case.assigned", _("Assigned")
    ENTRY = "case.entry_added", _("Something was added (its kind only)")
    CLOCK_STARTED = "clock.started", _("Clock started")
    CLOCK_WARNED = "clock.warned", _("Clock warned")
    CLOCK_BREACHED = "clock.breached", _("Clock breached")
    CLOCK_MET = "clock.met", _("Clock met")
    CLOCK_CANCELLED = "clock.cancelled", _("Clock cancelled")


class Unclear(models.TextChoices):
    """Why a payload is not understood. Some name the field."""

    JSON = "json", _("It is no JSON in UTF-8, each key once.")
    OBJECT = "object", _("It is no JSON object.")
    DEEP = "deep", _("It is nested too deeply.")
    MISSING = "missing", _("%(field)s is missing.")
    TYPE = "type", _("%(field)s is of another type.")
    EMPTY = "empty", _("%(field)s is empty.")
    LONG = "long", _("%(field)s is too long.")
    UNSEEN = "unseen", _("%(field)s has characters that cannot be seen.")
    TIME = "time", _("%(field)s is no instant with its offset.")
    LINK = "link", _("%(field)s is no address of a page.")
    NUMBER = "number", _("%(field)s is no number that can be kept.")
    FLOOD = "flood", _("More than 50 new cases from this sender within an hour.")
    SERVICE = "service", _("The service is archived.")


TOPIC: Final = "case_event"
#: The entry that says another owner. Others about an assignment, as that somebody watches from now on, tell of an entry.
OWNER_CHANGED: Final = "assignment.changed"
#: What an entry of the timeline tells. Of sensitivity, access and links nothing is told: they speak of what is, or was, protected.
TOLD_OF: Final = {
    Entry.OPENED: Happening.CREATED,
    Entry.STATE: Happening.STATE,
    Entry.SEVERITY: Happening.SEVERITY,
    Entry.ASSIGNMENT: Happening.ASSIGNED,
    Entry.NOTE: Happening.ENTRY,
    Entry.CONTACT: Happening.ENTRY,
    Entry.SERVICE: Happening.ENTRY,
    Entry.DETAILS: Happening.ENTRY,
    Entry.ESCALATION: Happening.ENTRY,
    Entry.STEP: Happening.ENTRY,
    Entry.FACT: Happening.ENTRY,
}
