"""Cases for whoever is on duty, has the skill and the least to do: on request, taken by oneself, or by themselves.

All three count under one lock, so that two at once never pass a person's cap.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.http import Http404

from escalations import queries, rules
from escalations.choices import GivenBy, Reason, Sensitivity
from escalations.models import Case, Giving
from escalations.queries import assigning
from escalations.rules.assigning import Candidate, Wanted, pick
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM, Actor

from ._base import Outcome, Refused, locked, moment, required
from .assign import set_owner, undo_of

#: Cases that one transaction gives, and how many a person is offered.
BATCH: Final = 50
_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('escalations giving', 0))"


def give_next(
    *, actor: Actor, ref: str | int, expected_version: int | None = None, at: datetime | None = None
) -> Outcome:
    """Give the case to whoever of its service is on duty, has the skill and the lowest load. Raises Refused, Stale, Http404."""
    when = moment(at)
    with locked(actor, ref, expected_version) as case:
        _count_alone()
        staff = assigning.staff_of(case.service_id, when)
        wanted = assigning.wanted_of(case)
        chosen = _least_loaded(case, staff, wanted, when)
        acting = required(actor, rules.can_assign(actor, queries.facts_of(actor, case), chosen.id if chosen else 0))
        if chosen is None:
            raise Refused(Reason.NOBODY_FREE)
        before = case.owner_id
        _give(acting, case, chosen, wanted, GivenBy.NEXT, when)
        return Outcome(case, undo_of(case, before))


def take_next(*, actor: Actor, at: datetime | None = None) -> Outcome:
    """Take the gravest unowned case of the actor's own services that fits what they take. Raises Refused."""
    when = moment(at)
    mine = [s.service_id for s in actor.of(Role.ASSOCIATE) if s.principal_id is None and s.service_id]
    for ref in assigning.unowned(actor, mine).values_list("pk", flat=True)[:BATCH]:
        try:
            return _take(actor, ref, when)
        except (Refused, Http404):
            continue
    raise Refused(Reason.NOTHING_TO_TAKE)


def _take(actor: Actor, ref: int, at: datetime) -> Outcome:
    with locked(actor, ref) as case:
        if case.owner_id is not None:
            raise Refused(Reason.NOTHING_TO_TAKE)
        acting = required(actor, rules.can_assign(actor, queries.facts_of(actor, case), actor.user_id))
        _count_alone()
        wanted = assigning.wanted_of(case)
        me = [one for one in assigning.staff_of(case.service_id, at) if one.pk == actor.user_id]
        if any(fit.why_not for fit in assigning.fits(case, me, wanted, at, asks_now=True)) or not me:
            raise Refused(Reason.NOBODY_FREE)
        _give(acting, case, me[0].candidate, wanted, GivenBy.NEXT, at)
        return Outcome(case, undo_of(case, None))


def give_unowned(at: datetime | None = None) -> int:
    """Give what nobody owns in services that do so by themselves, the gravest first; how many. Restricted cases are granted
    by name and stay. Safe to run twice and at once: cases in another's hands are passed over."""
    when = moment(at)
    return sum(_give_service(service_id, when) for service_id in assigning.giving_services())


def _give_service(service_id: int, at: datetime) -> int:
    given, after = 0, 0
    rows = assigning.unowned(SYSTEM, [service_id]).exclude(sensitivity=Sensitivity.RESTRICTED)
    waiting = list(rows.values_list("pk", flat=True))
    while after < len(waiting):
        given += _give_batch(service_id, waiting[after : after + BATCH], at)
        after += BATCH
    return given


@transaction.atomic
def _give_batch(service_id: int, ids: Sequence[int], at: datetime) -> int:
    rows = assigning.unowned(SYSTEM, [service_id]).filter(pk__in=ids)
    cases = list(rows.select_related("site").select_for_update(of=("self",), no_key=True, skip_locked=True))
    if not cases:
        return 0
    _count_alone()
    staff, wanted, given = assigning.staff_of(service_id, at), assigning.wanted_of_many(cases), 0
    for case in cases:
        chosen = _least_loaded(case, staff, wanted[case.pk], at)
        if chosen is not None:
            _give(SYSTEM, case, chosen, wanted[case.pk], GivenBy.AUTOMATIC, at)
            staff = [_with_more(one, chosen, wanted[case.pk].weight) for one in staff]
            given += 1
    return given


def _with_more(one: assigning.Member, chosen: Candidate, weight: int) -> assigning.Member:
    if one.pk != chosen.id:
        return one
    return replace(one, candidate=replace(chosen, load=chosen.load + weight, lately=chosen.lately + weight))


def _least_loaded(case: Case, staff: Sequence[assigning.Member], wanted: Wanted, at: datetime) -> Candidate | None:
    able = [fit.member.candidate for fit in assigning.fits(case, staff, wanted, at) if not fit.why_not]
    return pick(able, wanted)


def _give(acting: Actor, case: Case, chosen: Candidate, wanted: Wanted, by: str, at: datetime) -> None:
    set_owner(acting, case, chosen.id, at)
    Giving.objects.create(
        case=case, user_id=chosen.id, by=by, weight=wanted.weight, load=chosen.load, cap=chosen.cap, at=at
    )


def _count_alone() -> None:
    """Loads are counted and raised by one transaction at a time."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
