"""What a customer's message does to a case, whichever way it came: the case that goes on, or another one after it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone

from escalations import rules
from escalations.choices import REOPEN_DAYS, GrantKind, Sensitivity, State, Verb
from escalations.models import Case
from escalations.queries import live_grants
from portal.accounts.queries import actors_of
from portal.accounts.rules import SYSTEM

from . import clocks
from ._base import locked, stale
from .keeping import keep_access, may_hold
from .linking import follow_on
from .state import shift

_REOPENING: Final = timedelta(days=REOPEN_DAYS)


def one_at_a_time(digest: bytes) -> None:
    """Whoever takes what has this digest waits for the others, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])


@contextmanager
def going_on(pk: int) -> Iterator[Case]:
    """The case that what comes in on this one goes to, locked: this one, or the one that goes on for it; of a merged case that
    is more protected than that one, itself again, since whoever reads there need not read this. Raises Stale for one that was
    merged a moment ago: try again."""
    if _goes_on(pk) == pk:
        with locked(SYSTEM, pk) as case:
            if case.state == State.MERGED:
                raise stale(case)
            yield case
        return
    with transaction.atomic():
        survivor = hold(pk)
        ended = Case.objects.select_related("site").defer("search").get(pk=pk)
        yield survivor if rules.protects_as(survivor.sensitivity, ended.sensitivity) else ended


def hold(pk: int, also: Collection[int] = ()) -> Case:
    """This case and the one that goes on for it (and others `also`), locked in order of their numbers, in the caller's
    transaction; returns that one. Whoever was merged on while the locks were waited for is let go and looked for anew.
    Raises Http404."""
    while True:
        wanted = {pk, _goes_on(pk), *also}
        with transaction.atomic():
            rows = Case.objects.filter(pk__in=wanted).order_by("pk").select_for_update(no_key=True)
            list(rows.values_list("pk", flat=True))
            going = _goes_on(pk)
            if going in wanted:
                break
            transaction.set_rollback(True)
    found = Case.objects.select_related("site").defer("search").filter(pk=going).first()
    if found is None:
        raise Http404
    return found


def _goes_on(pk: int) -> int:
    return Case.objects.filter(pk=pk).values_list("merged_into_id", flat=True).first() or pk


def is_over(case: Case) -> bool:
    """Whether the case cannot take its matter up again, nor the one that goes on for it."""
    if case.state in (State.REJECTED, State.MERGED):
        return True
    solved = case.resolved_at
    return case.state == State.CLOSED and (solved is None or timezone.now() - solved > _REOPENING)


def take_up(case: Case, at: datetime) -> None:
    """The customer wrote: nobody waits for them any more, what was solved is open again, and a reply is owed."""
    now = timezone.now()
    if case.state in (State.RESOLVED, State.CLOSED):
        shift(SYSTEM, case, Verb.REOPEN.value, now, auto=True)
    else:
        if case.state == State.WAITING_CUSTOMER:
            shift(SYSTEM, case, Verb.RESUME.value, now, auto=True)
        clocks.asked(SYSTEM, case, at)


@dataclass(frozen=True, slots=True)
class Heir:
    """How protected the case is that follows an ended one, and who keeps access to it, until when."""

    sensitivity: str = Sensitivity.STANDARD
    keeping: Mapping[int, datetime | None] = field(default_factory=dict)


def heir_of(after: Case | None) -> Heir:
    """As protected as the one before; of a restricted one somebody has to see it."""
    if after is None:
        return Heir()
    keeping = _keeping(after)
    if after.sensitivity == Sensitivity.RESTRICTED and not keeping:
        return Heir(Sensitivity.CONFIDENTIAL)
    return Heir(after.sensitivity, keeping)


def _keeping(after: Case) -> dict[int, datetime | None]:
    """Who keeps access, and until when: whoever holds a grant, as its owner does since it was restricted, and for as long.
    Emergencies do not go on, nor does anything for an owner whose grant was withdrawn or has ended."""
    now = timezone.now()
    rows = live_grants(now).filter(case=after, kind=GrantKind.GRANT).order_by("pk")
    found = dict(rows.values_list("user_id", "expires_at"))
    people = actors_of(found, now)
    return {pk: until for pk, until in found.items() if pk in people and may_hold(people[pk])}


def link(case: Case, after: Case, heir: Heir) -> None:
    """Link the case to the one that it follows, and let those in who keep access."""
    now = timezone.now()
    follow_on(case, after, now, SYSTEM)
    if case.sensitivity == Sensitivity.RESTRICTED:
        keep_access(case, SYSTEM, heir.keeping, now, until=heir.keeping)
