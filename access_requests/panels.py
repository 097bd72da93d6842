"""What access shows on pages of other rooms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from portal.accounts.rules import Actor

from . import queries
from .addresses import request_url
from .choices import ITEM_STATES_UNDER_WAY, Origin
from .models import Grant, GrantReason
from .queries.certificate import live_proofs_of
from .queries.leavers import held_nothing
from .queries.matrix import holders_visible_to
from .views.matrix import grant_state, reason_text
from .views.request_words import TONES

if TYPE_CHECKING:
    from partners.models import Person, Roster


def person_access(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of a person: what they hold and why, what is under way; for those who may read it."""
    person = cast("Person", obj)
    if not holders_visible_to(actor).filter(pk=person.pk).exists():
        return None
    rows = queries.items_visible_to(actor).filter(person=person, state__in=ITEM_STATES_UNDER_WAY)
    items = list(rows.select_related("entitlement__system", "request").order_by("pk"))
    return {
        "lines": [_line(*one) for one in live_proofs_of(person.pk)],
        "items": [(one, request_url(one.request_id)) for one in items],
        "left": [(one, request_url(one.pk)) for one in held_nothing(actor, person.pk)],
    }


def roster_requests(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of an applied roster: the requests that it raised, as far as the reader sees them."""
    roster = cast("Roster", obj)
    if roster.closed_at is None:
        return None
    rows = queries.visible_to(actor).filter(
        site=roster.site_id, origin=Origin.ROSTER, origin_key__startswith=f"roster:{roster.pk}:"
    )
    asked = [(one, TONES.get(one.state, "")) for one in rows.order_by("pk")]
    return {"asked": asked} if asked else None


def _line(grant: Grant, reasons: list[GrantReason]) -> dict[str, Any]:
    ends = [one.ends_at for one in reasons]
    return {
        "system": grant.entitlement.system.label,
        "entitlement": grant.entitlement.label,
        "state": grant_state(grant),
        "why": "; ".join(reason_text(one) for one in reasons),
        "ends": max((at for at in ends if at), default=None) if all(ends) else None,
    }
