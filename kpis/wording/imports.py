"""What an import is called."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from portal.audit.wording import joined, labelled

from .periods import day_text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from ..models import Batch

# What other wings hand in has no file: its name is the wing, the day and the component's code.
HANDED_IN: Final = "portal"
_WINGS: Final[Mapping[str, "StrOrPromise"]] = {
    "cases": _("Cases"),
    "readiness": _("Readiness"),
    "directory": _("Directory"),
}


def batch_text(batch: "Batch", labels: Mapping[str, str]) -> str:
    """The name of its file; of what was handed in: `Cases, 22 Nov 2026: Solved`. `labels`: of components, by code."""
    wing, _space, rest = batch.name.partition(" ")
    day, _space, code = rest.partition(" ")
    if batch.source != HANDED_IN or wing not in _WINGS or not code:
        return batch.name
    return labelled(joined(_WINGS[wing], _day(day)), labels.get(code, code))


def _day(text: str) -> str:
    try:
        return day_text(date.fromisoformat(text))
    except ValueError:
        return text
