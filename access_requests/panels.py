"""What access shows on pages of other rooms."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, cast

from django.db.models import F, Model
from django.utils import timezone
from django.utils.translation import gettext as _

from partners.registry import Life, Moment, Span, once
from portal.accounts.rules import Actor
from portal.audit.wording import statements

from . import queries
from .addresses import request_url
from .choices import ITEM_STATES_UNDER_WAY, Operation, Origin
from .models import Grant, GrantReason, RequestItem
from .queries.certificate import with_live_reasons
from .queries.leavers import held_nothing
from .queries.matrix import holders_visible_to
from .views.matrix import grant_state, reason_text
from .views.request_words import TONES

MOST_GRANTS: Final = 1000
MOST_NAMED: Final = 4

if TYPE_CHECKING:
    from partners.models import Person, Roster


def person_access(actor: Actor, obj: object) -> Mapping[str, Any] | None:
    """On the page of a person: what they hold and why, what is under way; for those who may read it."""
    person = cast("Person", obj)
    grants = _grants_of(actor, person)
    if grants is None:
        return None
    live = [one for one in grants if one.ended_at is None]
    live.sort(key=lambda one: (one.entitlement.system.name, one.entitlement.name, one.pk))
    rows = queries.items_visible_to(actor).filter(person=person, state__in=ITEM_STATES_UNDER_WAY)
    items = list(rows.select_related("entitlement__system", "request").order_by("pk"))
    # A grant that is not proven yet and its item are one thing to the reader, so they are one row.
    unproven = {one.entitlement_id for one in live if one.verified_at is None}
    carried = {one.entitlement_id: one for one in items if _begun(one, unproven)}
    return {
        "lines": [_line(*one) | _asked(carried.get(one[0].entitlement_id)) for one in with_live_reasons(live)],
        "items": [(one, request_url(one.request_id)) for one in items if not _begun(one, unproven)],
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


def _begun(item: RequestItem, unproven: Collection[int]) -> bool:
    return item.operation == Operation.GRANT and item.entitlement_id in unproven


def _asked(item: RequestItem | None) -> dict[str, Any]:
    return {"ref": item.request.ref, "url": request_url(item.request_id)} if item else {}


def _line(grant: Grant, reasons: list[GrantReason]) -> dict[str, Any]:
    ends = [one.ends_at for one in reasons]
    return {
        "system": grant.entitlement.system.label,
        "entitlement": grant.entitlement.label,
        "state": grant_state(grant),
        "why": statements(reason_text(one) for one in reasons),
        "ends": max((at for at in ends if at), default=None) if all(ends) else None,
    }


def access_over_time(actor: Actor, person: Model) -> Life | None:
    """For a person's page: what they held from when to when, for those who may read it."""
    grants = _grants_of(actor, person)
    if grants is None:
        return None
    began: dict[date, list[str]] = {}
    sent: dict[date, list[str]] = {}
    ended: dict[date, list[str]] = {}
    spans = []
    for grant in grants:
        name = f"{grant.entitlement.system.label}: {grant.entitlement.label}"
        first, last = _day(grant.started_at), _day(grant.ended_at) if grant.ended_at else None
        spans.append(Span(first, last, name))
        # Handed over and nobody has said done: the system may know of it, which is not to say that it works.
        (began if grant.confirmed_at or grant.verified_at else sent).setdefault(first, []).append(name)
        if last:
            ended.setdefault(last, []).append(name)
    moments = [Moment(day, _("Access began"), "key", _listed(names)) for day, names in began.items()]
    moments += [Moment(day, _("Access handed over to IT"), "key", _listed(names)) for day, names in sent.items()]
    moments += [Moment(day, _("Access ended"), "lock", _listed(names)) for day, names in ended.items()]
    return Life(_("Access"), 50, spans, moments)


def _grants_of(actor: Actor, person: Model) -> list[Grant] | None:
    """What a person holds and held, what lives first; None for those who may not read it. Two queries at most, asked once."""

    def ask() -> list[Grant] | None:
        allowed = holders_visible_to(actor).filter(pk=person.pk)
        rows = Grant.objects.filter(person_id__in=allowed.values("pk")).select_related("entitlement__system")
        found = list(rows.order_by(F("ended_at").desc(nulls_first=True), "-started_at", "pk")[:MOST_GRANTS])
        return found if found or allowed.exists() else None

    return once(person, "grants", actor, ask)


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _listed(names: list[str]) -> str:
    """At most a few names; how many more there are."""
    shown = "; ".join(names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return _("%(names)s and %(number)d more") % {"names": shown, "number": more} if more > 0 else shown
