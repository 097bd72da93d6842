"""Words about carrying items out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "Mapping[str, StrOrPromise]" = {
    "item.freed": _("found that nothing stands in its way any more; it goes on"),
    "item.mail": _("wrote a letter that somebody must read"),
    "item.mail_stranger": _("got a letter about it from another address, which was not acted on"),
}
#: Why something failed, where we know it ourselves; anything else is what somebody or some system said.
FAILURES: "Mapping[str, StrOrPromise]" = {
    "no_seat": _("No seat is free in this system."),
    "removal_first": _("Something that must not be held with it is being removed. Try again after that."),
    "no_group": _("The system has no group of this name. Correct “name in the system” of the access, then try again."),
    "no_email": _("The person has no work e-mail address, which the account needs."),
    "no_webhook": _("The system has no webhook any more."),
    "other_person": _("The account of this e-mail address belongs to somebody else."),
    "ambiguous": _("The system has several accounts or groups that fit."),
    "still_live": _("Read back, it was still there."),
    "not_as_said": _("The system said that it was done, but read back it was not so."),
    "refused": _("The system refused it."),
    "letter_returned": _("The letter to the ticket address came back."),
    "unknown": _("Nobody said why."),
}


def failure(text: str) -> str:
    """Why something failed, in the reader's language where it is ours."""
    return str(FAILURES.get(text, text))
