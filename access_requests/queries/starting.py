"""What a beginning at a site comes to: when the first shift is, and what the job brings."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max

from sla.business_time import BusinessCalendar
from sla.queries import calendars_for
from sla.queries.calendars import newest_versions

from ..choices import RequestKind
from ..models import Entitlement, RequestItem
from ..rules import Place, ready_by, wanted_of
from ..rules.readiness import Days, first_shift
from .planning import patterns

if TYPE_CHECKING:
    from partners.models import Placement, Site

# A request that names a time further away than this is about another beginning.
NEAR: Final = timedelta(days=7)


class Job(NamedTuple):
    """What decides which bundles fit. People of the same job at the same site need the same."""

    job_role_id: int
    programme_code: str
    site_id: int


class Need(NamedTuple):
    """An entitlement that a job brings, its system, and the minutes that it usually takes."""

    entitlement_id: int
    system_id: int
    lead_minutes: int


class Clockwork:
    """A site's zone and business time. Remembers what was asked: waves begin together."""

    def __init__(self, zone: ZoneInfo, calendar: BusinessCalendar | None) -> None:
        self.zone = zone
        self.days = Days(calendar)
        self._calendar = calendar
        self._openings: dict[date, datetime] = {}
        self._deadlines: dict[datetime, datetime] = {}
        self._idle: dict[tuple[datetime, datetime], float | None] = {}

    def shift(self, day: date, named: datetime | None) -> datetime:
        """When the first shift of somebody begins whose first day this is; what a request names counts if it is near."""
        if day not in self._openings:
            self._openings[day] = first_shift(day, self.zone, self._calendar)
        opening = self._openings[day]
        return named if named is not None and abs(named - opening) <= NEAR else opening

    def ready_by(self, shift: datetime) -> datetime:
        """When everything must be there for a shift."""
        if shift not in self._deadlines:
            self._deadlines[shift] = ready_by(shift, self.zone, self._calendar)
        return self._deadlines[shift]

    def idle_hours(self, shift: datetime, until: datetime) -> float | None:
        """Paid hours from a shift on; None where no calendar tells them."""
        key = (shift, until)
        if key not in self._idle:
            self._idle[key] = self.days.idle_hours(shift, until)
        return self._idle[key]


def clockworks(sites: Iterable["Site"]) -> dict[int, Clockwork]:
    """Zone and business time of these sites; those with the same share one. Two queries."""
    rows = list(sites)
    newest = newest_versions({one.calendar_id for one in rows if one.calendar_id is not None})
    calendars = calendars_for(newest.values())
    shared: dict[tuple[str, int], Clockwork] = {}
    found = {}
    for one in rows:
        key = one.time_zone, newest.get(one.calendar_id or 0, 0)
        if key not in shared:
            shared[key] = Clockwork(ZoneInfo(one.time_zone), calendars.get(key[1]))
        found[one.pk] = shared[key]
    return found


def job_of(placement: "Placement") -> Job:
    """The job of a placement that comes with its programme."""
    code = placement.programme.code if placement.programme else ""
    return Job(placement.job_role_id, code, placement.site_id)


def needs_of(jobs: Iterable[Job]) -> dict[Job, tuple[Need, ...]]:
    """What the bundles of these jobs bring, by entitlement. Three queries."""
    rows = patterns()
    wanted = {one for pattern in rows for one in pattern.entitlement_ids}
    columns = ("pk", "system_id", "system__lead_minutes")
    facts = {one[0]: Need(*one) for one in Entitlement.objects.filter(pk__in=wanted).values_list(*columns)}
    return {job: tuple(facts[pk] for pk in sorted(wanted_of([Place(0, *job)], rows)[0])) for job in set(jobs)}


def named_shifts(sites: Collection[int], first: date, last: date) -> dict[tuple[int, int], datetime]:
    """The first shifts near these days that requests of joiners name, by person and site. One query."""
    slack = NEAR + timedelta(days=2)
    span = (datetime.combine(first, time(), UTC) - slack, datetime.combine(last, time(), UTC) + slack)
    rows = RequestItem.objects.filter(
        request__kind=RequestKind.JOINER, request__site_id__in=sites, request__first_shift_at__range=span
    )
    named = rows.order_by().values_list("person_id", "request__site_id").annotate(at=Max("request__first_shift_at"))
    return {(person, site): at for person, site, at in named}
