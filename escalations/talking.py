"""What colleagues tell each other: notices, and where it stands in the navigation."""

from django.utils.translation import gettext_lazy as _

from escalations import notices_talk
from escalations.queries.mentions import unread_mentions
from escalations.views.feedback import feedback_link
from escalations.views.mentions import reads_mentions
from escalations.views.shifts import hands_over
from portal.accounts.rules import Actor
from portal.ui.registry import NavItem, Panel, register_nav, register_panel


def register() -> None:
    """Hang it in."""
    notices_talk.register()
    register_nav(NavItem("work", "shift", _("Shift hand-over"), "escalations:shift", "hour", 25, hands_over))
    mentions = NavItem(
        "work", "mentions", _("Mentions of me"), "escalations:mentions", "chat", 26, reads_mentions, _unread, later=True
    )
    register_nav(mentions)
    register_nav(NavItem("work", "feedback", _("Feedback"), "escalations:feedback", "heart", 27, hands_over))
    register_panel("case_rail", Panel("feedback", 90, "escalations/_feedback_link.html", feedback_link))


def _unread(actor: Actor) -> int | None:
    return unread_mentions(actor) or None
