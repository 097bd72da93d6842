"""Grants begin and end with their reasons. Everything in sets; callers have locked the requests of the items."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.rules import SYSTEM

from ..choices import Operation
from ..models import Grant, GrantReason, RequestItem
from . import clocks

_BEGIN: Final = """
INSERT INTO access_requests_grant (person_id, entitlement_id, item_id, started_at)
SELECT person_id, entitlement_id, id, %(at)s FROM access_requests_requestitem
WHERE id = ANY (%(items)s) AND operation = 'grant' ORDER BY person_id, entitlement_id
ON CONFLICT (person_id, entitlement_id) WHERE ended_at IS NULL DO NOTHING
"""
_REASON: Final = """
INSERT INTO access_requests_grantreason (grant_id, kind, bundle_id, item_id, sod_exception_id, starts_at, ends_at)
SELECT g.id, CASE WHEN x.id IS NOT NULL THEN 'exception' WHEN v.bundle_id IS NULL THEN 'request' ELSE 'bundle' END,
    CASE WHEN x.id IS NULL THEN v.bundle_id END, i.id, x.id, %(at)s, LEAST(i.ends_at, x.ends_at, x.ended_at)
FROM access_requests_requestitem i
JOIN access_requests_grant g
    ON g.person_id = i.person_id AND g.entitlement_id = i.entitlement_id AND g.ended_at IS NULL
LEFT JOIN access_requests_bundleversion v ON v.id = i.bundle_version_id
LEFT JOIN access_requests_sodexception x ON x.id = i.sod_exception_id
WHERE i.id = ANY (%(items)s) AND i.operation = 'grant' ORDER BY g.id
ON CONFLICT DO NOTHING
"""
_LIVE_ON: Final = """
UPDATE access_requests_grantreason AS r SET ends_at = asked.ends_at
FROM access_requests_grantreason same
JOIN access_requests_grant g ON g.id = same.grant_id AND g.ended_at IS NULL
JOIN access_requests_requestitem i
    ON i.person_id = g.person_id AND i.entitlement_id = g.entitlement_id AND i.starts_at = same.ends_at
CROSS JOIN LATERAL (
    SELECT LEAST(
        (SELECT ends_at FROM access_requests_requestitem WHERE id = same.item_id),
        (SELECT LEAST(ends_at, ended_at) FROM access_requests_sodexception WHERE id = same.sod_exception_id)
    ) AS ends_at
) asked
WHERE i.id = ANY (%(items)s) AND i.operation = 'revoke' AND r.id = same.id AND r.ended_at IS NULL
"""
_END: Final = """
UPDATE access_requests_grant AS g SET ended_at = %(at)s, revoke_item_id = i.id,
    recheck_at = CASE WHEN s.channel = 'scim' THEN %(at)s + interval '5 minutes' END
FROM access_requests_requestitem i
JOIN access_requests_entitlement e ON e.id = i.entitlement_id
JOIN access_requests_system s ON s.id = e.system_id
WHERE i.id = ANY (%(items)s) AND g.person_id = i.person_id AND g.entitlement_id = i.entitlement_id AND g.ended_at IS NULL
RETURNING g.id
"""


def begin(item_ids: Collection[int], at: datetime) -> None:
    """The systems may know of these items from now on: a grant each, unless there is one, with the item as a reason."""
    if not item_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"items": sorted(item_ids), "at": at})
        cursor.execute(_REASON, {"items": sorted(item_ids), "at": at})
    clocks.grants_began(item_ids, at, actor=SYSTEM)


def confirm(item_ids: Collection[int], at: datetime) -> None:
    """Somebody said that these grants are done."""
    _live_of(item_ids).filter(confirmed_at=None).update(confirmed_at=at)


def verify(item_ids: Collection[int], at: datetime) -> None:
    """These items are proven: what was granted is verified, what was revoked has ended.

    The database refuses the end of a grant for which a reason lives.
    """
    granted, revoked = _by_operation(item_ids)
    live = _live_of(granted)
    live.filter(confirmed_at=None).update(confirmed_at=at)
    live.update(verified_at=at)
    over = GrantReason.objects.filter(grant__in=_live_of(revoked), ended_at=None, ends_at__lte=at)
    end_reasons(over, at)
    with connection.cursor() as cursor:
        cursor.execute(_END, {"items": sorted(revoked), "at": at})
        ended = [pk for (pk,) in cursor.fetchall()]
    clocks.grants_ended(ended, at, actor=SYSTEM)


def never_granted(item_ids: Collection[int], at: datetime) -> None:
    """Somebody made sure that these failed items left nothing behind: their reasons end, and grants nobody else needs."""
    GrantReason.objects.filter(item_id__in=item_ids, ended_at=None).update(ended_at=at)
    free = list(_live_of(item_ids).filter(~_reasons()).values_list("pk", flat=True))
    Grant.objects.filter(pk__in=free).update(ended_at=at)
    clocks.grants_ended(free, at, actor=SYSTEM)


def end_reasons(reasons: QuerySet[GrantReason], at: datetime) -> list[int]:
    """End these reasons; ids of the grants that no reason supports any more. Grants are locked in order of their ids."""
    grants = sorted(set(reasons.filter(ended_at=None).values_list("grant_id", flat=True)))
    locked = list(
        Grant.objects.select_for_update(no_key=True)
        .filter(pk__in=grants, ended_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    reasons.filter(ended_at=None, grant_id__in=locked).update(ended_at=at)
    return list(unsupported(Grant.objects.filter(pk__in=locked)).values_list("pk", flat=True))


def live_on(item_ids: Collection[int]) -> None:
    """These removals were taken back before their day: reasons that were to end then end when they would have without them."""
    with connection.cursor() as cursor:
        cursor.execute(_LIVE_ON, {"items": sorted(item_ids)})


def unsupported(grants: QuerySet[Grant], by: datetime | None = None) -> QuerySet[Grant]:
    """Live grants without a reason that lives (or, given an instant, that still lives then)."""
    return grants.filter(~_reasons(by), ended_at=None)


def _reasons(by: datetime | None = None) -> Exists:
    rows = GrantReason.objects.filter(grant=OuterRef("pk"), ended_at=None)
    if by is not None:
        rows = rows.filter(Q(ends_at=None) | Q(ends_at__gt=by))
    return Exists(rows)


def _live_of(item_ids: Iterable[int]) -> QuerySet[Grant]:
    """The live grants of what these items are about."""
    same = RequestItem.objects.filter(
        pk__in=list(item_ids), person=OuterRef("person_id"), entitlement=OuterRef("entitlement_id")
    )
    people = RequestItem.objects.filter(pk__in=list(item_ids)).values("person_id")
    return Grant.objects.filter(Exists(same), person_id__in=people, ended_at=None)


def _by_operation(item_ids: Collection[int]) -> tuple[list[int], list[int]]:
    rows = list(RequestItem.objects.filter(pk__in=item_ids).values_list("pk", "operation"))
    return (
        [pk for pk, operation in rows if operation == Operation.GRANT],
        [pk for pk, operation in rows if operation == Operation.REVOKE],
    )
