"""What is archived is taken away from everybody who holds it, if an administrator says so."""

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import Actor
from portal.refusals import RefusedError

from ...choices import ITEM_STATES_UNDER_WAY, Operation, RequestKind
from ...models import AccessRequest, Entitlement, Grant, GrantReason, RequestItem
from .. import granting
from .._base import lock_people
from ..leaving import site_of_people
from ..raising import Line, raise_request
from .base import configuring


@transaction.atomic
def revoke_archived(*, actor: Actor, entitlement_ids: Collection[int]) -> list[AccessRequest]:
    """Take archived entitlements away from all who hold them or are about to: one request per site. Audited.

    All reasons for them end, the job's included. Twice is once: what is being removed is left out.
    Raises PermissionDenied, RefusedError (archive_first).
    """
    acting = configuring(actor)
    live = Entitlement.objects.filter(pk__in=entitlement_ids, archived_at=None, system__archived_at=None)
    if live.exists():
        raise RefusedError("archive_first")
    lock_people({person for person, _entitlement in _pairs(entitlement_ids)})
    pairs = _pairs(entitlement_ids)
    now = timezone.now()
    reasons = GrantReason.objects.filter(grant__entitlement__in=entitlement_ids, grant__ended_at=None, ended_at=None)
    granting.end_reasons(reasons, now)
    sites = site_of_people({person for person, _entitlement in pairs})
    lines: dict[int, list[Line]] = defaultdict(list)
    for person, entitlement in sorted(pairs):
        if person in sites:
            lines[sites[person]].append(Line(person, entitlement, Operation.REVOKE))
    return [
        raise_request(actor=acting, kind=RequestKind.AD_HOC, site_id=site, lines=asked, caused=True)
        for site, asked in sorted(lines.items())
    ]


def _pairs(entitlement_ids: Collection[int]) -> set[tuple[int, int]]:
    """Who holds which of these or is about to, unless a removal is under way."""
    live = Grant.objects.filter(entitlement__in=entitlement_ids, ended_at=None)
    items = RequestItem.objects.filter(entitlement__in=entitlement_ids, state__in=ITEM_STATES_UNDER_WAY)
    coming, going = (
        set(items.filter(operation=one).values_list("person_id", "entitlement_id"))
        for one in (Operation.GRANT, Operation.REVOKE)
    )
    return (set(live.values_list("person_id", "entitlement_id")) | coming) - going
