"""What readiness, the matrix, certificates and trouble hang into the shell."""

from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import NavItem, register_nav

from ..notices_readiness import register as register_notices
from ..queries.scope import SEE_ALL, SITE_READERS


def register() -> None:
    """Entries of the side navigation, panels, notices, and words for the trail."""
    register_nav(NavItem("access", "readiness", _("Readiness"), "access:readiness", "users", 15, _reads, go="r"))
    register_notices()


def _reads(actor: Actor) -> bool:
    return actor.has(*SEE_ALL, *SITE_READERS)
