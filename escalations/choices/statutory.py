"""What the law asks for, and in which days it counts."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from escalations.choices import Metric

#: Days that a term may have at most.
LONGEST_TERM: Final = 1000
#: What the file of a response hangs on, by the id of its entry.
RESPONSE_FILES: Final = "statutory_response"


class Duty(models.TextChoices):
    """An answer that the law asks for; each has a clock of its own."""

    ACKNOWLEDGEMENT = "statutory_ack", _("Acknowledgement by law")
    INTERIM = "statutory_interim", _("Interim response by law")
    FINAL = "statutory_final", _("Final response by law")


#: What whoever writes to the customer says of the message.
ANSWERS: Final = {
    Duty.ACKNOWLEDGEMENT: _("This is the acknowledgement by law"),
    Duty.INTERIM: _("This is the interim response by law"),
    Duty.FINAL: _("This is the final response by law"),
}


def metric_label(value: str) -> str:
    """What a clock of a case measures; the value itself for one that nobody knows."""
    known: list[type[models.TextChoices]] = [Metric, Duty]
    return next((str(one(value).label) for one in known if value in one.values), value)


class DayUnit(models.TextChoices):
    """The days that a term counts."""

    CALENDAR = "calendar", _("Calendar days")
    WORKING = "working", _("Working days")
