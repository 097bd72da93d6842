"""What approvals hang into the shell."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from portal.accounts.rules import Actor
from portal.ui.registry import NavItem, Panel, register_nav, register_panel

from .. import rules
from ..choices import ItemState
from ..models import AccessRequest
from ..queries import approvals
from ..views.approvals import items_of

#: The page of a request; what waits there can be decided there.
REQUEST_PAGE = "access_request"


def register() -> None:
    """The entry of the side navigation with its count, and the panel of a request's page."""
    register_nav(
        NavItem(
            "access",
            "approvals",
            _("Approvals"),
            "access:approvals",
            "check",
            20,
            approvals.is_asked,
            _count,
            go="a",
            later=True,
        )
    )
    register_panel(REQUEST_PAGE, Panel("deciding", 10, "access_requests/_deciding.html", deciding))
    register_panel(REQUEST_PAGE, Panel("blocked", 20, "access_requests/_blocked.html", blocked))


def _count(actor: Actor) -> int | None:
    return approvals.waiting_count(actor) or None


def deciding(actor: Actor, request: object) -> Mapping[str, Any] | None:
    """What waits in this request, if some of it is the reader's to decide."""
    if not isinstance(request, AccessRequest) or not request.items.filter(state=ItemState.AWAITING_APPROVAL).exists():
        return None
    found = items_of(actor, request.pk, QueryDict())
    return {**found, "asked": request} if found["may"] else None


def blocked(actor: Actor, request: object) -> Mapping[str, Any] | None:
    """What a conflict holds up in this request, and whether an exception is asked for."""
    if not isinstance(request, AccessRequest):
        return None
    rows = approvals.blocked_in(request.pk)
    if not rows:
        return None
    site = rules.Site(request.site_id, request.site.partner_id)
    return {"rows": rows, "may_ask": rules.requesting(actor, site) is not None}
