"""Decisions about items: one or many at once, a result for each."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal.accounts import queries as accounts
from portal.accounts.rules import SYSTEM, Actor
from portal.refusals import RefusedError

from .. import queries, rules
from ..choices import NO_SEAT, ItemState, StageKind, Verdict
from ..models import ApprovalStage, Decision, RequestItem
from ..queries import seating
from ..rules import Denied, Matter
from . import telling
from ._base import lock_key, lock_requests, move, note
from .approving import announce
from .dispatching import seats_key

GONE: Final = "decided_meanwhile"
MAX_COMMENT: Final = 500


@dataclass(slots=True)
class Outcome:
    """What became of each item: decided, or left alone for a reason (a code of `wording`)."""

    decided: list[int] = field(default_factory=list)
    approved: list[int] = field(default_factory=list)
    skipped: dict[int, str] = field(default_factory=dict)


@transaction.atomic
def decide(*, actor: Actor, item_ids: Collection[int], verdict: str, comment: str = "") -> Outcome:
    """Decide items at the stage where they wait; each as who the actor may. Audited. A second vote changes nothing.

    A rejection says why. What nobody of the stage may decide, the manager of the site decides. Raises RefusedError
    (rejection_needs_reason).

    A rejection says why. What nobody of the stage may decide, the manager of the site decides.
    Items out of sight are left out silently; those that somebody else decided meanwhile, that are not the actor's to
    decide, that are their own matter, or for which no seat is left are named in `skipped`. Raises RefusedError (rejection_needs_reason).
    """
    text = comment.replace("\0", "").strip()[:MAX_COMMENT]
    if verdict == Verdict.REJECTED and not text:
        raise RefusedError("rejection_needs_reason", "comment")
    at = timezone.now()
    seen = queries.items_visible_to(actor).filter(pk__in=item_ids)
    lock_requests(seen.values_list("request_id", flat=True))
    items = {one.pk: one for one in queries.with_items(seen.values_list("pk", flat=True))}
    outcome = Outcome(skipped={pk: GONE for pk, one in items.items() if one.state != ItemState.AWAITING_APPROVAL})
    waiting = [one for one in items.values() if one.pk not in outcome.skipped]
    matters = _matters(actor, waiting, at)
    person_of = accounts.person_ids_of(_users(actor, matters.values()))
    votes: list[tuple[RequestItem, Actor]] = []
    for item in waiting:
        as_who = rules.deciding(actor, matters[item.pk], person_of)
        if isinstance(as_who, Denied):
            outcome.skipped[item.pk] = as_who.code
        else:
            votes.append((item, as_who))
    if verdict == Verdict.APPROVED:
        full = _without_seat([item for item, _as_who in votes])
        outcome.skipped |= dict.fromkeys(sorted(full), NO_SEAT)
        votes = [(item, as_who) for item, as_who in votes if item.pk not in full]
    _write(votes, verdict, text, at)
    outcome.decided = [item.pk for item, _as_who in votes]
    for as_who, ids in _by_actor(votes).items():
        if verdict == Verdict.REJECTED:
            ended = move(ids, "reject", actor=as_who, at=at)
        else:
            voter = as_who.principal_id or as_who.user_id or 0
            passed = [pk for pk in ids if rules.is_passed(matters[pk], {*matters[pk].voted, voter}, person_of)]
            ended = _advance(passed, actor=as_who, at=at)
            outcome.approved += ended
        telling.tell_items(telling.DECIDED, ended, at=at, mark=verdict, verdict=verdict, by=as_who.user_id)
    return outcome


def _without_seat(items: list[RequestItem]) -> set[int]:
    """What has no seat is not approved. Counted alone, together with whoever gives seats: see `dispatching`."""
    for system in sorted(seating.limited(items)):
        lock_key(seats_key(system))
    return seating.without_seat(items)


def _matters(actor: Actor, items: Collection[RequestItem], at: datetime) -> dict[int, Matter]:
    """The items as rules look at them; those that only the manager of the site can decide now are marked so."""
    matters = queries.matters_of(items)
    perhaps = [
        one
        for one in items
        if matters[one.pk].stage_kind != StageKind.SITE_MANAGER and rules.managing(actor, matters[one.pk].site)
    ]
    orphans = queries.orphans_of(perhaps, at) if perhaps else set()
    return {pk: replace(one, orphaned=True) if pk in orphans else one for pk, one in matters.items()}


def _users(actor: Actor, matters: Iterable[Matter]) -> set[int]:
    return {actor.user_id or 0, *actor.principal_ids, *(pk for one in matters for pk in one.group)}


def _write(votes: Iterable[tuple[RequestItem, Actor]], verdict: str, comment: str, at: datetime) -> None:
    Decision.objects.bulk_create(
        Decision(
            item=item, rule_id=item.rule_id, stage=item.stage, round=item.round, verdict=verdict,
            decided_by_id=as_who.user_id, principal_id=as_who.principal_id, comment=comment, decided_at=at,
            subject_person_id=item.person_id,
        )
        for item, as_who in votes
    )  # fmt: skip


def _by_actor(votes: Iterable[tuple[RequestItem, Actor]]) -> dict[Actor, list[int]]:
    found: dict[Actor, list[int]] = defaultdict(list)
    for item, as_who in votes:
        found[as_who].append(item.pk)
    return found


def settle_locked(item_ids: Collection[int], *, at: datetime) -> list[int]:
    """Pass stages of groups in which all who are left have agreed (somebody left it meanwhile); ids of items approved by it.

    The caller has locked the requests.
    """
    cast = Decision.objects.filter(item=OuterRef("pk"), round=OuterRef("round"), stage=OuterRef("stage"))
    waiting = RequestItem.objects.filter(Exists(cast), pk__in=item_ids, state=ItemState.AWAITING_APPROVAL)
    items = queries.with_items(waiting.values_list("pk", flat=True))
    matters = queries.matters_of(items)
    person_of = accounts.person_ids_of({pk for one in matters.values() for pk in one.group})
    approved = _advance(
        [pk for pk, one in matters.items() if rules.is_passed(one, one.voted, person_of)], actor=SYSTEM, at=at
    )
    telling.tell_items(telling.DECIDED, approved, at=at, mark="settled", verdict=Verdict.APPROVED)
    return approved


def _advance(passed: Collection[int], *, actor: Actor, at: datetime) -> list[int]:
    """Move items whose stage is passed to the next one, or approve them after the last; ids of the approved ones."""
    rows = RequestItem.objects.filter(pk__in=passed).values_list("pk", "request_id", "rule_id", "stage")
    stages = set(ApprovalStage.objects.filter(rule__in={row[2] for row in rows}).values_list("rule_id", "number"))
    onward = [(pk, request, stage) for pk, request, rule, stage in rows if (rule, stage + 1) in stages]
    for stage in sorted({stage for _pk, _request, stage in onward}):
        here = [(request, pk) for pk, request, number in onward if number == stage]
        ids_here = [pk for _request, pk in here]
        RequestItem.objects.filter(pk__in=ids_here).update(stage=stage + 1, stage_since=at, orphaned_at=None)
        note(here, "item.stage", actor=actor, at=at, params={"stage": stage + 1})
        announce(ids_here, at=at)
    last = set(passed) - {pk for pk, _request, _stage in onward}
    return move(last, "approve", actor=actor, at=at, approved_at=at)
