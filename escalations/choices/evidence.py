"""How far an evidence pack is, and why it could not be made."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

#: What the archive hangs on, by the id of its pack.
PACK_FILES: Final = "case_evidence"
#: Bytes that the parts of a pack may have together.
LARGEST_PACK: Final = 200 * 1024 * 1024
#: Entries that a pack may have.
MOST_ENTRIES: Final = 3000
#: So many packs of one case lie ready for one person.
MOST_READY: Final = 5
#: After so many tries somebody has to look.
MOST_ATTEMPTS: Final = 5


class PackState(models.TextChoices):
    """Where a pack stands."""

    WAITING = "waiting", _("Being made")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Not made")
    EXPIRED = "expired", _("Deleted")


class PackFault(models.TextChoices):
    """Why it was not made."""

    NOT_ALLOWED = "allowed", _("Whoever asked for it may not see the whole case any more.")
    TOO_LARGE = "too_large", _("It would be too large.")
    FILE_LOST = "lost", _("A file of the case is damaged or gone from the disk.")
    NO_PANGO = "no_pango", _("PDF cannot be drawn on this machine; the operations guide says what is missing.")
    DISK = "disk", _("There was no room on the disk.")
    BROKEN = "broken", _("Something went wrong; the log of the worker has the reason.")
