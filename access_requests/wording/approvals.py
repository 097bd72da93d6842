"""Words about approvals, their clocks, and exceptions from conflict rules."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "Mapping[str, StrOrPromise]" = {
    "item.orphan": _("nobody can decide this; the managers of the site may"),
    "exception.ask": _("asked for an exception from the conflict rule"),
    "exception.grant": _("granted the exception"),
    "exception.refuse": _("refused the exception"),
    "clock.approval.warned": _("%(percent)s%% of the time for the approval is used"),
    "clock.approval.breached": _("the approval is overdue"),
    "clock.approval.escalated": _("the approval is overdue, level %(level)s"),
    "clock.fulfilment.warned": _("%(percent)s%% of the time to carry it out is used"),
    "clock.fulfilment.breached": _("it was not done in time"),
    "clock.fulfilment.escalated": _("it was not done in time, level %(level)s"),
    "clock.duration.warned": _("%(percent)s%% of the time for which it is given is used"),
    "clock.duration.breached": _("the time for which it was given is over"),
}
REFUSALS: "Mapping[str, StrOrPromise]" = {
    "rejection_needs_reason": _("Say why not, so that whoever asked knows what to do."),
    "nothing_picked": _("Choose at least one item first."),
    "too_many_picked": _("Decide at most %(most)s items at once."),
    "no_seat": _("No seat is free in this system. Ask its owner for more, or reject it."),
    "not_blocked": _("No conflict holds this up any more."),
    "exception_needs_reason": _("Say why both are needed, in a few words."),
    "exception_end": _("Choose a day later than today and at most %(most)s days ahead."),
    "exception_waiting": _("An exception for this person is asked for already."),
    "exception_overlaps": _("There is an exception for this person already."),
    "own_exception": _("You asked for this exception, or it is for you. Another manager decides it."),
}
