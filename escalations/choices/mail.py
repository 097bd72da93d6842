"""How far a mail got, and why a file that came along was not taken."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Delivery(models.TextChoices):
    """How far a mail got that somebody wrote on a case."""

    QUEUED = "queued", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Not sent")
    BOUNCED = "bounced", _("Came back")


#: The customer has not read these.
NOT_ARRIVED: Final = (Delivery.FAILED, Delivery.BOUNCED)


class Held(models.TextChoices):
    """Why a file of a mail does not hang on its entry. The values are codes of `portal.files`."""

    TYPE = "type", _("its type is not taken, or its name says another one")
    SIZE = "size", _("it is too large")
    DAMAGED = "damaged", _("it is damaged")
    BOMB = "bomb", _("it is far larger unpacked than a document is")
    VIRUS = "virus", _("it carries a virus")
    UNSCANNED = "unscanned", _("it could not be scanned for viruses")
    ENCRYPTED = "encrypted", _("it is protected with a password")


# For this reason nobody has the file.
LOCKED: Final = frozenset({Held.VIRUS.value})
# Files that hang on an entry, and those that came with it and were not taken.
FILE_OWNER: Final = "case.mail"
HELD_OWNER: Final = "case.mail_held"
