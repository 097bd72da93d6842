"""What may be done to several cases at once, as buttons and dialogs say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from portal.accounts.rules import Actor


@dataclass(frozen=True, slots=True)
class BulkOperation:
    """One button of the bulk bar and its dialog."""

    key: str
    label: StrOrPromise
    short: StrOrPromise
    submit: StrOrPromise
    icon: str
    shortcut: str

    @property
    def cap(self) -> str:
        """The key cap."""
        return self.shortcut.upper()


OPERATIONS = (
    BulkOperation("assign", _("Assign cases"), _("Assign"), _("Assign"), "user", "a"),
    BulkOperation("severity", _("Set the severity"), _("Severity"), _("Set severity"), "flag", "s"),
    BulkOperation("state", _("Change the state"), _("State"), _("Change state"), "check", "t"),
    BulkOperation("escalate", _("Escalate cases"), _("Escalate"), _("Escalate"), "esc", "e"),
)


def bulk_operations(actor: Actor) -> list[BulkOperation]:
    """All of them for whoever works cases, none for people who only follow; each case is judged by itself."""
    return list(OPERATIONS) if actor.can("work_case") else []


def bulk_operation(actor: Actor, key: str) -> BulkOperation | None:
    """One of them by its key."""
    return next((one for one in bulk_operations(actor) if one.key == key), None)
