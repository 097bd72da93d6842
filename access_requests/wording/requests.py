"""Words about requests and their items."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

EVENTS: "Mapping[str, StrOrPromise]" = {
    "request.made": _("made the request"),
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
    "item.fail": _("could not be done; it will be tried again"),
    "item.give_up": _("could not be done"),
}
REFUSALS: "Mapping[str, StrOrPromise]" = {
    "person_elsewhere": _("Somebody on the list does not work at this site."),
    "entitlement_unknown": _("This access is not offered any more. Choose another."),
    "too_many_lines": _("A request takes at most %(most)s lines. Split it."),
    "not_yours_to_decide": _("Somebody else decides this."),
    "own_matter": _("You asked for this, or it is for you. Somebody else decides it."),
    "voted_already": _("You have agreed already. Others have to agree as well."),
    "decided_meanwhile": _("This was decided a moment ago."),
    "failure_needs_reason": _("Say what went wrong, in a few words."),
    "nothing_asked": _("Nothing is asked for yet. Add somebody first."),
}
