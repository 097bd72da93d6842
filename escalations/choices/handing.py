"""Handing a case over with the other's consent, and asking a colleague without giving it away."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Part(models.TextChoices):
    """What whoever takes a case over has to know. None of them is left out."""

    DONE = "done", _("Done so far")
    OPEN = "open", _("Still open")
    PROMISED = "promised", _("Promised")
    RISKS = "risks", _("Risks")


class OfferState(models.TextChoices):
    """Where an offered hand-over stands. One that nobody answered before the case changed hands or ended is over."""

    OFFERED = "offered", pgettext_lazy("hand-over", "Offered")
    ACCEPTED = "accepted", pgettext_lazy("hand-over", "Accepted")
    DECLINED = "declined", _("Declined")
    TAKEN_BACK = "taken_back", _("Taken back")
    OVER = "over", _("Overtaken")


class ConsultState(models.TextChoices):
    """Where a question to a colleague stands. One that nobody answered before the case ended is over, and one that opened a
    confidential case with the move of that case to another service."""

    OPEN = "open", pgettext_lazy("question", "Open")
    ANSWERED = "answered", pgettext_lazy("hand-over", "Answered")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    OVER = "over", _("Overtaken")


class Opens(models.TextChoices):
    """Up to which sensitivity a question opens its case to whoever is asked. Never a restricted one."""

    NOTHING = "", _("Nothing")
    STANDARD = "standard", _("Standard")
    CONFIDENTIAL = "confidential", _("Confidential")


#: A question is due within a year.
LONGEST_CONSULT: Final = timedelta(days=365)
# Nobody types it, so that words may hold whatever people write.
_BETWEEN: Final = "\x1e"


def packed(words: Mapping[str, str]) -> str:
    """A summary as the one text that its entry keeps; a part about which there is nothing to say is empty."""
    return _BETWEEN.join(words.get(part, "").replace(_BETWEEN, " ") for part in Part.values)


def unpacked(text: str) -> dict[str, str]:
    """The parts of such a text; none of one whose words were removed."""
    parts = text.split(_BETWEEN)
    return dict(zip(Part.values, parts, strict=True)) if len(parts) == len(Part.values) else {}
