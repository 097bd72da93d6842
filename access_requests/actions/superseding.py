"""A revocation goes ahead of everything that would still grant the same."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import connection

from portal.accounts.rules import Actor
from portal.audit.actions import record_many

from .. import transitions
from ..choices import ItemState, Operation
from ..models import RequestItem
from . import clocks
from ._base import note

_SUPERSEDE: Final = """
UPDATE access_requests_requestitem AS i
SET state = 'superseded', superseded_by_id = r.id, ended_at = %(at)s
FROM access_requests_requestitem AS r
WHERE r.id = ANY (%(revokes)s) AND i.person_id = r.person_id AND i.entitlement_id = r.entitlement_id
    AND i.operation = 'grant' AND i.state = ANY (%(states)s)
RETURNING new.id, new.request_id, old.state, r.id
"""


def requests_to_supersede(person_ids: Collection[int], entitlement_ids: Collection[int]) -> set[int]:
    """Requests with grants of these under way, which a revocation must lock as well."""
    rows = RequestItem.objects.filter(
        person_id__in=person_ids,
        entitlement_id__in=entitlement_ids,
        operation=Operation.GRANT,
        state__in=_states(),
    )
    return set(rows.values_list("request_id", flat=True))


def supersede(revoke_ids: Collection[int], *, actor: Actor, at: datetime) -> list[int]:
    """End every grant under way of what these items revoke; their ids. The caller has locked all the requests."""
    with connection.cursor() as cursor:
        cursor.execute(_SUPERSEDE, {"revokes": sorted(revoke_ids), "states": _states(), "at": at})
        rows = sorted(cursor.fetchall())
    if rows:
        note(
            [(request, pk) for pk, request, _state, _by in rows],
            "item.supersede",
            actor=actor,
            at=at,
            params_of={pk: {"by": by} for pk, _request, _state, by in rows},
        )
        changes = {pk: {"state": [state, ItemState.SUPERSEDED.value]} for pk, _request, state, _by in rows}
        record_many(actor=actor, verb="access_item.supersede", subject_type="access_item", changes_by_id=changes)
        clocks.cancel_of([pk for pk, *_rest in rows], actor=actor, at=at)
    return [pk for pk, *_rest in rows]


def _states() -> list[str]:
    """From where an item can be superseded; drafts are nobody's business yet."""
    return [state for state in transitions.states_with("supersede") if state != ItemState.DRAFT]
