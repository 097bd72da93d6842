"""What colleagues tell each other, in the navigation."""

from django.utils.translation import gettext_lazy as _

from escalations.views.shifts import hands_over
from portal.ui.registry import NavItem, register_nav


def register() -> None:
    """Hang it in."""
    register_nav(NavItem("work", "shift", _("Shift hand-over"), "escalations:shift", "swap", 25, hands_over))
