"""The words of handing over a shift."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ShiftWay(models.TextChoices):
    """What becomes of a case when a shift ends."""

    MOVES = "moves", _("Moves to them")
    WATCHES = "watches", _("Stays with me, they watch")
    LEFT = "left", _("Left out")


class LeftOut(models.TextChoices):
    """Why a case was left out: what changed while the list was being written."""

    NOT_YOURS = "not_yours", _("It was no longer yours.")
    ENDED = "ended", _("It was no longer open.")
    CANNOT_GO = "cannot_go", _("It could no longer go there.")


class Part(models.TextChoices):
    """The lists behind the numbers of a shift."""

    HANDLED = "handled", pgettext_lazy("cases today", "Handled")
    RESOLVED = "resolved", _("Resolved")
    CLOCKS = "clocks", _("Clocks met")
