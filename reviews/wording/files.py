"""Why a file of a pack is not there yet, in the reader's words."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FAILURES: Final[Mapping[str, Promise]] = {
    "disk_full": _("The disk for files is full. It is tried again by itself; somebody has to make room."),
    "disk": _("The file could not be written. It is tried again by itself."),
    "no_pango": _("This machine cannot draw PDF: Pango is missing. It is tried again by itself."),
    "broken": _("The file could not be made; the log says why. It is tried again by itself."),
    "gave_up": _("Making this file failed too often. Have it tried again, or look into the log."),
}


def failure_text(code: str) -> str:
    """What is wrong, and what happens next."""
    return str(FAILURES.get(code, code))
