"""Cases for whoever is on duty, has the skill and the least to do: on request, taken by oneself, or by themselves.

All three count under one lock, so that two at once never pass a person's cap. Who fits is looked up before anything is
locked, and once more under the lock.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone

from escalations import queries, rules
from escalations.choices import GivenBy, Reason, Sensitivity, Unfit
from escalations.models import Case, Giving
from escalations.queries import assigning
from escalations.rules.assigning import Candidate, Wanted, pick
from portal.accounts.choices import Role
from portal.accounts.rules import SYSTEM, Actor

from ._base import Outcome, Refused, locked, moment, required
from .assign import set_owner, undo_of

#: Cases that one transaction gives.
BATCH: Final = 50
#: Unowned cases that are looked through at once, the gravest first.
SEEN: Final = 2_000
#: What whoever takes the next case hears, in place of which reason for a single one.
_TOLD: Final[Mapping[str, str]] = MappingProxyType(
    {
        Unfit.AT_CAP: Reason.NEXT_ABOVE_CAP,
        Unfit.OTHER_ISSUES: Reason.NEXT_OTHER_ISSUES,
        Unfit.OTHER_LANGUAGE: Reason.NEXT_OTHER_LANGUAGE,
    }
)
_KEY: Final = "hashtextextended('escalations giving', 0)"


def give_next(
    *, actor: Actor, ref: str | int, expected_version: int | None = None, at: datetime | None = None
) -> Outcome:
    """Give the case to whoever of its service is on duty, has the skill and the lowest load. Raises Refused, Stale, Http404."""
    with locked(actor, ref, expected_version) as case:
        count_alone()
        when = moment(at)
        wanted = assigning.wanted_of(case)
        chosen = pick(_circle(case, when).able(case, wanted), wanted)
        acting = required(actor, rules.can_assign(actor, queries.facts_of(actor, case), chosen.id if chosen else 0))
        if chosen is None:
            raise Refused(Reason.NOBODY_FREE)
        before = case.owner_id
        _give(acting, case, chosen, wanted, GivenBy.NEXT, when)
        return Outcome(case, undo_of(case, before))


def take_next(*, actor: Actor, at: datetime | None = None) -> Outcome:
    """Take the gravest unowned case of the actor's own services that fits what they take. Raises Refused, with what
    stands in the way of most."""
    mine = {s.service_id for s in actor.of(Role.ASSOCIATE) if s.principal_id is None and s.service_id}
    for service_id in sorted(mine):
        if not _me(actor, service_id, moment(at)):
            mine.discard(service_id)
    cases = list(assigning.unowned(actor, mine).select_related("site")[:SEEN])
    wanted = assigning.wanted_of_many(cases)
    circles = {pk: assigning.circle_of(_me(actor, pk, moment(at)), cases, moment(at)) for pk in mine}
    whys: Counter[str] = Counter()
    for case in cases:
        why = _why_not(circles[case.service_id], case, wanted[case.pk])
        if not why:
            try:
                return _take(actor, case.pk, at)
            except Http404:
                continue
            except Refused as error:
                why = error.code
        whys[why] += 1
    # What stands in the way of most of them; of as many, of the graver ones. All of them are in the actor's sight.
    told = (why for why, _times in whys.most_common() if why in _TOLD.values())
    raise Refused(next(told, Reason.NOTHING_TO_TAKE))


def _me(actor: Actor, service_id: int, at: datetime) -> list[assigning.Member]:
    return [one for one in assigning.staff_of(service_id, at) if one.pk == actor.user_id]


def _why_not(circle: assigning.Circle, case: Case, wanted: Wanted) -> str:
    """Why the one person of the circle does not take it now, as a refusal; "" if they do."""
    fits = circle.fits(case, wanted, asks_now=True)
    if not fits:
        return Reason.NOTHING_TO_TAKE
    return next((_TOLD.get(fit.why_not, Reason.NOTHING_TO_TAKE) for fit in fits if fit.why_not), "")


def _take(actor: Actor, ref: int, at: datetime | None) -> Outcome:
    with locked(actor, ref) as case:
        if case.owner_id is not None:
            raise Refused(Reason.NOTHING_TO_TAKE)
        acting = required(actor, rules.can_assign(actor, queries.facts_of(actor, case), actor.user_id))
        count_alone()
        when = moment(at)
        wanted, me = assigning.wanted_of(case), _me(actor, case.service_id, when)
        if why := _why_not(assigning.circle_of(me, [case], when), case, wanted):
            raise Refused(why)
        _give(acting, case, me[0].candidate, wanted, GivenBy.NEXT, when)
        return Outcome(case, undo_of(case, None))


def give_unowned() -> int:
    """Give what nobody owns in services that do so by themselves, the gravest first; how many.

    Restricted cases are granted by name and stay; nobody is given a case a second time. Safe to run twice and at once:
    one worker gives, and cases in another's hands are passed over.
    """
    return sum(_give_service(service_id) for service_id in assigning.giving_services())


def _give_service(service_id: int) -> int:
    now = timezone.now()
    staff = [one for one in assigning.staff_of(service_id, now) if assigning.has_room(one)]
    if not staff:
        return 0
    waiting = list(_unowned(service_id).select_related("site")[:SEEN])
    circle, wanted = assigning.circle_of(staff, waiting, now), assigning.wanted_of_many(waiting)
    ids = [case.pk for case in waiting if circle.able(case, wanted[case.pk], anew=True)]
    return sum(_give_batch(service_id, ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))


def _unowned(service_id: int) -> "queries.Cases":
    return assigning.unowned(SYSTEM, [service_id]).exclude(sensitivity=Sensitivity.RESTRICTED)


@transaction.atomic
def _give_batch(service_id: int, ids: Sequence[int]) -> int:
    if not count_alone(wait=False):
        return 0
    rows = _unowned(service_id).filter(pk__in=ids).select_related("site")
    cases = list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True))
    now, given = timezone.now(), 0
    circle = assigning.circle_of(assigning.staff_of(service_id, now), cases, now)
    for case, wanted in zip(cases, assigning.wanted_of_many(cases).values(), strict=True):
        chosen = pick(circle.able(case, wanted, anew=True), wanted)
        if chosen is not None:
            _give(SYSTEM, case, chosen, wanted, GivenBy.AUTOMATIC, now)
            circle = circle.with_more(chosen, wanted.weight)
            given += 1
    return given


def _circle(case: Case, at: datetime) -> assigning.Circle:
    return assigning.circle_of(assigning.staff_of(case.service_id, at), [case], at)


def _give(acting: Actor, case: Case, chosen: Candidate, wanted: Wanted, by: str, at: datetime) -> None:
    set_owner(acting, case, chosen.id, at)
    Giving.objects.create(
        case=case, user_id=chosen.id, by=by, weight=wanted.weight, load=chosen.load, cap=chosen.cap, at=at
    )


def count_alone(*, wait: bool = True) -> bool:
    """Loads are counted and raised by one transaction at a time; False if another is at it and nobody waits.

    People wait for it with their one case locked; the worker takes it first and passes over cases that are locked, so
    that neither waits for the other.
    """
    with connection.cursor() as cursor:
        if wait:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY})")
            return True
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({_KEY})")
        [free] = cursor.fetchone()
        return bool(free)
