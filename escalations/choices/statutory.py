"""What the law asks for, and in which days it counts."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

#: Days that a term may have at most.
LONGEST_TERM: Final = 1000
#: What the file of a response hangs on, by the id of its entry.
RESPONSE_FILES: Final = "statutory_response"


class Duty(models.TextChoices):
    """An answer that the law asks for; each has a clock of its own."""

    ACKNOWLEDGEMENT = "statutory_ack", _("Acknowledgement by law")
    INTERIM = "statutory_interim", _("Interim response by law")
    FINAL = "statutory_final", _("Final response by law")


class DayUnit(models.TextChoices):
    """The days that a term counts."""

    CALENDAR = "calendar", _("Calendar days")
    WORKING = "working", _("Working days")
