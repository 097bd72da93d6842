"""Writes to engagements, and what happens to a user's access when one ends."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from portal.accounts.actions import end_access
from portal.accounts.rules import SYSTEM, Actor
from portal.refusals import RefusedError

from .. import access, queries
from ..models import Engagement, Leave, Person, Placement
from ..registry import tell_change_listeners
from . import base
from .periods import days, half_open, name_other


@dataclass(frozen=True, slots=True)
class EngagementValues:
    """Who employs somebody, and from which day to which (both included; no last day is open)."""

    employer_id: int
    first_day: date
    last_day: date | None = None
    employee_number: str = ""


def insert_engagement(person: Person, values: EngagementValues, *, actor: Actor) -> Engagement:
    """Insert and audit for a caller that has locked the person and authorised. Raises RefusedError."""
    row = Engagement(
        person=person,
        employer_id=values.employer_id,
        employee_number=values.employee_number,
        period=days(values.first_day, values.last_day),
    )
    # What was over before it was known has no access to end.
    if _over(row, timezone.now()):
        row.access_ended_at = timezone.now()
    try:
        return base.create(row, actor=actor)
    except RefusedError as refused:
        raise _named(refused, row, actor) from refused


@transaction.atomic
def add_engagement(*, actor: Actor, person_id: int, values: EngagementValues) -> Engagement:
    """Note an engagement, a rehire for instance; access that has ended stays ended. Audited.

    Raises Http404, PermissionDenied, RefusedError.
    """
    person = access.get_person(actor, person_id, for_update=True)
    allowed = access.permit_person(actor, person)
    _check_employer(actor, values.employer_id)
    row = insert_engagement(person, values, actor=allowed)
    tell_change_listeners(actor=allowed, person_ids=[person_id])
    return row


@transaction.atomic
def change_engagement(*, actor: Actor, pk: int, version: int, values: EngagementValues) -> Engagement:
    """Correct an engagement; audited. One that is over now ends access as `end_engagement` does.

    Raises Http404, PermissionDenied, ConflictError, RefusedError.
    """
    row, allowed = _locked(actor, pk)
    if values.employer_id != row.employer_id:
        _check_employer(actor, values.employer_id)
    period = days(values.first_day, values.last_day)
    new: dict[str, object] = {
        "employer_id": values.employer_id,
        "employee_number": values.employee_number,
        "period": period,
    }
    before = row.period
    try:
        base.change(row, new, version=version, actor=allowed)
    except RefusedError as refused:
        raise _named(refused, row, actor) from refused
    if period != before:
        _settle_access(row, allowed)
        tell_change_listeners(actor=allowed, person_ids=[row.person_id])
    return row


@transaction.atomic
def end_engagement(
    *, actor: Actor, pk: int, last_day: date, version: int | None = None, at_once: bool = False
) -> Engagement:
    """End an engagement after its last day, and with it the placements that would outlive it.

    If that day is over at the person's site, or `at_once`, the sessions and memberships of a linked user end in the same
    transaction; else `close_ended` does it when the day is over. Placements that would begin later are withdrawn.
    Audited. Raises Http404, PermissionDenied, ConflictError, RefusedError.
    """
    row, allowed = _locked(actor, pk)
    period = days(row.period.lower, last_day)
    if row.period.upper is not None and period.upper > row.period.upper:
        raise RefusedError("ends_later", "last_day", {"last_day": row.period.upper})
    for placement in _outliving(row, period.upper):
        _cut(placement, period.upper, allowed)
    for leave in _leave_beyond(row, period.upper):
        _cut(leave, period.upper, allowed)
    base.change(row, {"period": period}, version=version, actor=allowed, verb="ended")
    if at_once:
        _end_access([row], allowed)
    else:
        _settle_access(row, allowed)
    tell_change_listeners(actor=allowed, person_ids=[row.person_id])
    return row


@transaction.atomic
def close_ended(*, limit: int = 500) -> int:
    """End the access of users whose engagement is over since the last run; how many engagements were dealt with."""
    now = timezone.now()
    due = list(queries.engagements_to_close(now)[:limit])
    people = Person.objects.filter(pk__in={row.person_id for row in due}).order_by("pk")
    # Whoever is being worked on waits for the next run.
    locked = [person.pk for person in people.select_for_update(no_key=True, skip_locked=True)]
    rows = list(queries.engagements_to_close(now).filter(pk__in=[row.pk for row in due], person__in=locked))
    _end_access(rows, SYSTEM)
    return len(rows)


def settle_ended(rows: list[Engagement], *, actor: Actor) -> None:
    """End the access that goes with engagements that are over, for a caller that has ended them, locked and audited."""
    _end_access(rows, actor)


def _locked(actor: Actor, pk: int) -> tuple[Engagement, Actor]:
    """The engagement with its person locked before it, as everywhere."""
    person_id = access.get_engagement(actor, pk).person_id
    person = access.get_person(actor, person_id, for_update=True)
    allowed = access.permit_person(actor, person)
    return access.get_engagement(actor, pk, for_update=True), allowed


def _check_employer(actor: Actor, employer_id: int) -> None:
    if not queries.employers_for(actor).filter(pk=employer_id).exists():
        raise RefusedError("employer_unknown", "employer")


def _named(refused: RefusedError, row: Engagement, actor: Actor) -> RefusedError:
    """Say which other engagement stands in the way, as far as the actor may see it."""
    others = (
        Engagement.objects.filter(period__overlap=row.period).exclude(pk=row.pk).select_related("employer", "person")
    )
    if refused.code == "engagement_overlap":
        other = others.filter(person_id=row.person_id).first()
        return name_other(refused, other, other.employer.label if other else "")
    if refused.code == "engagement_number_overlap":
        same = others.filter(employer_id=row.employer_id, employee_number__iexact=row.employee_number)
        other = same.filter(person__in=queries.people_visible_to(actor)).first()
        return name_other(refused, other, other.person.label if other else "")
    return refused


def _outliving(row: Engagement, upper: date) -> Iterable[Placement]:
    live = row.person.placements.filter(cancelled_at__isnull=True, period__overlap=row.period)
    return [p for p in live.select_for_update(no_key=True) if p.period.upper is None or p.period.upper > upper]


def _leave_beyond(row: Engagement, upper: date) -> Iterable[Leave]:
    live = row.person.leaves.filter(cancelled_at__isnull=True, period__contained_by=row.period)
    return live.filter(period__endswith__gt=upper).select_for_update(no_key=True)


def _cut(placement: Placement | Leave, upper: date, actor: Actor) -> None:
    """End a placement or leave with the engagement, or withdraw it if it would only begin later."""
    if placement.period.lower >= upper:
        base.change(placement, {"cancelled_at": timezone.now()}, version=None, actor=actor, verb="withdrawn")
    else:
        period = half_open(placement.period.lower, upper)
        base.change(placement, {"period": period}, version=None, actor=actor, verb="ended")


def _zone(row: Engagement) -> ZoneInfo:
    """Where the person's days begin: at the site of the latest placement, else UTC."""
    latest = Placement.objects.filter(person_id=row.person_id, cancelled_at__isnull=True).order_by("-period")
    return ZoneInfo(latest.values_list("site__time_zone", flat=True).first() or "UTC")


def _over(row: Engagement, now: datetime) -> bool:
    """Whether the last day has passed where the person works."""
    upper = row.period.upper
    if upper is None:
        return False
    return bool(upper <= now.astimezone(_zone(row)).date())


def _settle_access(row: Engagement, actor: Actor) -> None:
    """After a change of the period: end access if it is over, or watch for its end again."""
    if _over(row, timezone.now()):
        if row.access_ended_at is None:
            _end_access([row], actor)
    elif row.access_ended_at is not None:
        row.access_ended_at = None
        row.save(update_fields=["access_ended_at"])


def _end_access(rows: list[Engagement], actor: Actor) -> None:
    """End sessions and memberships of the people's users, unless the same employer goes on employing them.

    Work for another employer is no reason to keep access: what it needs is granted anew.
    """
    now = timezone.now()
    going_on = queries.employed_by([row.person_id for row in rows], now, without=[row.pk for row in rows])
    gone = [row.person_id for row in rows if (row.person_id, row.employer_id) not in going_on]
    user_ids = (
        Person.objects.filter(pk__in=gone, user__isnull=False).order_by("user__pk").values_list("user__pk", flat=True)
    )
    if found := [pk for pk in user_ids if pk is not None]:
        end_access(actor=actor, user_ids=found, at=now)
    Engagement.objects.filter(pk__in=[row.pk for row in rows]).update(access_ended_at=now)
    for row in rows:
        row.access_ended_at = now
