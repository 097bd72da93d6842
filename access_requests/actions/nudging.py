"""A reminder to whoever has an item that somebody waits for."""

from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.audit.actions import record
from portal.notifications.actions import notify
from portal.refusals import RefusedError

from .. import access, rules
from ..addresses import address
from ..choices import ItemState
from ..models import RequestItem
from ..queries.owning import to_remind
from ._base import lock_requests, note

NUDGE: Final = "access.nudge"
CODE: Final = "item.nudge"


@transaction.atomic
def nudge(*, actor: Actor, item_id: int) -> int:
    """Remind whoever has the item, once a day at the site; how many people. Audited.

    Raises Http404, PermissionDenied, RefusedError (nudged_today, nobody_to_nudge).
    """
    item = access.get_item(actor, item_id)
    site = item.request.site
    allowed = access.permit(rules.requesting(actor, rules.Site(site.pk, site.partner_id)))
    lock_requests([item.request_id])
    item = access.get_item(actor, item_id)
    now = timezone.now()
    day = now.astimezone(ZoneInfo(site.time_zone)).date()
    if item.events.filter(code=CODE, at__gte=datetime.combine(day, time(), ZoneInfo(site.time_zone))).exists():
        raise RefusedError("nudged_today")
    people = to_remind(item, now) - {actor.user_id or 0}
    if not people:
        raise RefusedError("nobody_to_nudge")
    note([(item.request_id, item.pk)], CODE, actor=allowed, at=now)
    record(actor=allowed, verb="access_item.nudge", subject_type="access_item", subject_id=item.pk)
    notify(
        kind=NUDGE,
        recipients=people,
        params={
            "ref": item.request.ref, "person": item.person.label, "what": item.entitlement.system.name,
            "what_zh": item.entitlement.system.name_zh, "state": item.state,
        },
        url=_where(item),
        dedupe_key=f"nudge:{item.pk}:{day.isoformat()}",
        subject_id=item.pk,
    )  # fmt: skip
    return len(people)


def _where(item: RequestItem) -> str:
    """Where the reader can do something about it."""
    if item.state == ItemState.AWAITING_APPROVAL:
        return address("approvals")
    if item.state in {ItemState.SENT, ItemState.FAILED_FINAL}:
        return address("item", item.pk)
    return address("request", item.request.ref)
