"""Cases through the REST API: the same actions, rules and sight as on the pages."""

from django.utils.translation import gettext_lazy as _

from escalations.api.cases import router
from escalations.views.common import sees_cases
from portal.accounts.rules import Actor
from portal.api.registry import Scope, register_router, register_scope

from .scopes import READ, WRITE


def register() -> None:
    """Hang routes and scopes into the API."""
    register_scope(Scope(READ, _("Read cases, their entries and clocks"), sees_cases))
    register_scope(Scope(WRITE, _("Raise cases and add entries"), _may_write))
    register_router("/cases", router)


def _may_write(actor: Actor) -> bool:
    return actor.can("raise_case") or actor.can("follow_case")
