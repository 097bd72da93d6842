"""How items move: requests locked first, the table asked, rows written in sets, every step noted and audited."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from portal.accounts.rules import Actor
from portal.audit.actions import record_many

from .. import transitions
from ..choices import FINAL_STATES, ITEM_STATES_UNDER_WAY, ItemState
from ..models import RequestItem
from . import clocks, telling

# People are locked in buckets, so that a roster of thousands does not fill the server's table of locks.
_BUCKETS: Final = 512
_PEOPLE: Final = "SELECT count(pg_advisory_xact_lock(%s, bucket)) FROM unnest(%s::int[]) AS bucket"
_SPACE: Final = 0x41435053
# Item states that may change what the requester hears of.
_DECISIVE: Final = (*FINAL_STATES, ItemState.FAILED_FINAL, ItemState.BLOCKED_SOD)
_NOTE: Final = """
INSERT INTO access_requests_requestevent (request_id, item_id, code, params, actor_id, on_behalf_of_id, at)
SELECT request, item, %(code)s, coalesce(facts, %(common)s)::jsonb, %(actor)s::bigint, %(behalf)s::bigint, %(at)s
FROM unnest(%(requests)s::bigint[], %(items)s::bigint[], %(facts)s::text[]) WITH ORDINALITY AS one(request, item, facts, number)
ORDER BY number
"""
_LOCK: Final = "SELECT id FROM access_requests_accessrequest WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


def lock_requests(ids: Iterable[int], *, skip_busy: bool = False) -> list[int]:
    """Lock these requests in order of their numbers; `skip_busy` leaves out those that somebody is working on."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK + (" SKIP LOCKED" if skip_busy else ""), [sorted(set(ids))])
        return [pk for (pk,) in cursor.fetchall()]


def lock_people(person_ids: Iterable[int]) -> None:
    """Be the only one who asks for access, or takes it away, for these people until the transaction ends.

    Their requests under way are locked with them. Once in a transaction, for everybody concerned, before anything else.
    """
    people = sorted(set(person_ids))
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, [_SPACE, sorted({pk % _BUCKETS for pk in people})])
    rows = RequestItem.objects.filter(person_id__in=people, state__in=ITEM_STATES_UNDER_WAY)
    lock_requests(rows.values_list("request_id", flat=True).distinct())


def lock_key(key: str) -> None:
    """Be the only one who does what this key names until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"access-origin:{key}"])


def target_of(verb: str) -> str:
    """The state that a verb leads to, the same from everywhere. Raises KeyError for a verb that is in no row."""
    return next(verbs[verb] for verbs in transitions.TRANSITIONS.values() if verb in verbs)


def move(
    item_ids: Iterable[int],
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    params: Mapping[str, Any] | None = None,
    params_of: Mapping[int, Mapping[str, Any]] | None = None,
    **columns: Any,
) -> list[int]:
    """Move those of the items whose state allows the verb; their ids, ascending. The caller has locked the requests.

    In a constant number of statements; the items' clocks follow, and requesters are told of what is over. `columns` are
    written as well; `params` go to every event, `params_of` to
    the events of single items. Items in other states are left alone: the caller compares if all must move.
    """
    state = target_of(verb)
    rows = RequestItem.objects.filter(pk__in=sorted(set(item_ids)), state__in=transitions.states_with(verb))
    moved = list(rows.order_by("pk").values_list("pk", "request_id", "state"))
    if not moved:
        return []
    ids = [pk for pk, _request, _state in moved]
    if state in FINAL_STATES:
        columns["ended_at"] = at
    columns.setdefault("orphaned_at", None)
    before = telling.request_states({request for _pk, request, _state in moved}) if state in _DECISIVE else {}
    RequestItem.objects.filter(pk__in=ids).update(state=state, **columns)
    note(
        [(request, pk) for pk, request, _before in moved], f"item.{verb}", actor=actor, at=at,
        params=params, params_of=params_of,
    )  # fmt: skip
    changes = {pk: {"state": [before, state]} for pk, _request, before in moved}
    record_many(actor=actor, verb=f"access_item.{verb}", subject_type="access_item", changes_by_id=changes)
    clocks.items_moved(dict.fromkeys(ids, state), verb, actor=actor, at=at)
    telling.tell_requests(before, actor=actor, at=at)
    return ids


def note(
    rows: Sequence[tuple[int, int | None]],
    code: str,
    *,
    actor: Actor,
    at: datetime,
    params: Mapping[str, Any] | None = None,
    params_of: Mapping[int, Mapping[str, Any]] | None = None,
) -> None:
    """One event per (request id, item id or None), in one statement."""
    extra, common = params_of or {}, dict(params or {})
    facts = [json.dumps({**common, **extra.get(item or 0, {})}) for _request, item in rows] if extra else []
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE,
            {
                "requests": [request for request, _item in rows], "items": [item for _request, item in rows],
                "facts": facts, "common": json.dumps(common), "code": code, "at": at,
                "actor": actor.user_id, "behalf": actor.principal_id,
            },
        )  # fmt: skip
