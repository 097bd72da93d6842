"""Words about requests and their items."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "Mapping[str, StrOrPromise]" = {
    "request.made": _("made the request"),
    "request.held_nothing": _("reported people as leaving who held nothing: %(people)s"),
    "item.submit": _("sent it"),
    "item.block": _("found a conflict with something else that this person holds"),
    "item.ask": _("asked for approval"),
    "item.stage": _("agreed; stage %(stage)s is next"),
    "item.approve": _("approved"),
    "item.reject": _("rejected"),
    "item.expire": _("nobody decided in time"),
    "item.cancel": _("took it back"),
    "item.supersede": _("a removal went ahead of it"),
    "item.queue": _("put it in line"),
    "item.send": _("handed it to IT"),
    "item.take": _("took it on"),
    "item.claim": _("said it is done"),
    "item.verify": _("confirmed it"),
    "item.dispute": _("said it does not work"),
    "item.fail": _("could not do it; it will be tried again"),
    "item.give_up": _("could not do it"),
}
REFUSALS: "Mapping[str, StrOrPromise]" = {
    "person_elsewhere": _("Somebody on the list does not work at this site."),
    "entitlement_unknown": _("This access is not offered any more. Choose another."),
    "too_many_lines": _("A request takes at most %(most)s lines. Split it."),
    "not_yours_to_decide": _("Somebody else decides this."),
    "own_matter": _("You asked for this, or it is for you. Somebody else decides it."),
    "their_matter": _("Whoever you stand in for asked for this, or it is for them. Somebody else decides it."),
    "vote_cast": _("This vote was cast already, by whom it belongs to or by a stand-in. Others have to agree as well."),
    "one_vote": _("You have voted on this already. One person has one vote; somebody else decides the rest."),
    "voted_already": _("You have agreed already. Others have to agree as well."),
    "decided_meanwhile": _("This was decided a moment ago."),
    "failure_needs_reason": _("Say what went wrong, in a few words."),
    "removal_goes_on": _("The last shift is over, so the removals go on. Ask for access anew if that was a mistake."),
    "shift_needed": _("Say when the first or the last shift is."),
    "nothing_asked": _("Nothing is asked for yet. Add somebody first."),
}

#: Why a row of a list is not ready, by its code.
ROWS: "Mapping[str, StrOrPromise]" = {
    "ready": _("Ready"),
    "unreadable": _("The row cannot be read: %(why)s"),
    "nobody_named": _("Give a number, an email or a name"),
    "unknown_employee_no": _("Nobody here has this number"),
    "unknown_external_id": _("Nobody here has this id"),
    "unknown_email": _("Nobody here has this email"),
    "unknown_name": _("Nobody here has this name"),
    "several": _("%(number)s people here fit. Give the employee number"),
    "belongs_to": _("This is %(name)s. Correct the row"),
    "twice": _("The same person as in row %(row)s"),
    "not_here": _("Does not work at this site any more"),
    "day_unknown": _("Write the day as 2026-11-24"),
    "day_over": _("Choose today or later"),
}

#: What an item waits for, by the code of `queries.waiting`.
WAITING: "Mapping[str, StrOrPromise]" = {
    "approval": _("Approval"),
    "conflict": _("Conflict: %(detail)s"),
    "later": _("Not before the last shift is over"),
    "line": _("About to be handed over"),
    "read_back": _("Read back from the system"),
    "confirm": _("Confirmation by the lead"),
    "queued": _("Being handed over"),
    "sent": _("With IT %(detail)s"),
    "failed_retryable": _("Failed, tried again: %(detail)s"),
    "failed_final": _("Failed: %(detail)s"),
}

#: The columns of a list of people.
CELLS: "Mapping[str, StrOrPromise]" = {
    "employee_no": _("Employee number"),
    "external_id": _("External id"),
    "email": _("Email"),
    "name": pgettext_lazy("person", "Name"),
    "shift": _("Shift"),
}
