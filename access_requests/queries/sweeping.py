"""What is held although nothing supports it and nothing takes it away. There should be none."""

from django.db.models import Exists, OuterRef, QuerySet

from partners import queries as directory
from portal.accounts.rules import SYSTEM

from ..choices import ITEM_STATES_UNDER_WAY, OPEN_REQUEST_STATES, Operation, Origin
from ..models import AccessRequest, Grant, GrantReason, RequestItem

#: So many are named on a page.
MOST = 50


def unsupported() -> QuerySet[Grant]:
    """Live grants without a reason that lives and without a removal under way. Reads all live grants."""
    reasons = GrantReason.objects.filter(grant=OuterRef("pk"), ended_at=None)
    removals = RequestItem.objects.filter(
        person=OuterRef("person"), entitlement=OuterRef("entitlement"), operation=Operation.REVOKE,
        state__in=ITEM_STATES_UNDER_WAY,
    )  # fmt: skip
    return Grant.objects.filter(~Exists(reasons), ~Exists(removals), ended_at=None)


def swept_requests() -> QuerySet[AccessRequest]:
    """Removals that the sweep raised and that are not through, the newest first."""
    rows = AccessRequest.objects.filter(origin=Origin.SWEEP, state__in=OPEN_REQUEST_STATES)
    return rows.select_related("site").order_by("-pk")


def nowhere() -> QuerySet[Grant]:
    """Unsupported grants of people who never worked at a site and for whom nothing was asked: no request can be raised."""
    placed = directory.placements_visible_to(SYSTEM).filter(person=OuterRef("person"))
    asked = RequestItem.objects.filter(person=OuterRef("person"))
    rows = unsupported().filter(~Exists(placed), ~Exists(asked))
    return rows.select_related("person", "entitlement__system").order_by("pk")
