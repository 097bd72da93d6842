"""What the audit trail says of this wing."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portal.audit.registry import Named, register_subject, register_verbs


def register() -> None:
    """Make them known."""
    _actions()


def _actions() -> None:
    register_verbs(
        {
            "review_action.raised": _("Raised an action"),
            "review_action.changed": _("Changed an action"),
            "review_action.taken": _("Took an action on"),
            "review_action.done": _("Said that an action is done"),
            "review_action.verified": _("Verified an action"),
            "review_action.sent_back": _("Sent an action back"),
            "review_action.dropped": _("Dropped an action"),
            "review_action.noted": _("Noted something about an action"),
        }
    )
    register_subject("review_action", pgettext_lazy("things to do", "Action"), _action_names)


def _action_names(ids: Sequence[int]) -> Mapping[int, Named]:
    """By their references: a title may tell of a case that the reader does not see."""
    return {pk: Named(f"A-{pk}", reverse("reviews:action", args=[f"A-{pk}"])) for pk in ids}
