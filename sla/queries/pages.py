"""What the configuration pages show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.ui.times import date_text
from sla import registry
from sla.business_time import WEEKDAYS
from sla.choices import OPEN_STATES, JobState, Recipient, Weekday
from sla.models import Calendar, CalendarVersion, Clock, Policy, PolicyVersion, Recompute
from sla.models.calendars import in_language
from sla.queries.calendars import CalendarContent
from sla.queries.spans import span_text
from sla.registry import SubjectKind

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a calendar: days with opening hours, and hours in all."""

    first: date
    days: int
    hours: float


@dataclass(frozen=True, slots=True)
class OddDay:
    """Dates in a row that are not what their weekdays say. `kind`: holiday, workday or exception."""

    day: date
    last: date
    kind: str
    name: str
    hours: str

    @property
    def dates(self) -> list[str]:
        """The date, or the first and the last one, in words."""
        days = (self.day,) if self.day == self.last else (self.day, self.last)
        instants = [datetime(d.year, d.month, d.day, tzinfo=UTC) for d in days]
        return [date_text(at, at) for at in instants]


def months_of(content: CalendarContent, year: int) -> list[Month]:
    """The twelve months of a year."""
    calendar, zone = content.business_calendar(), ZoneInfo(content.time_zone)
    starts = [datetime(year + (m > 12), 1 + (m - 1) % 12, 1, tzinfo=zone) for m in range(1, 14)]
    found = []
    for begin, end in pairwise(starts):
        open_days = {line.day for line in calendar.explain(begin, end) if line.counted}
        found.append(Month(begin.date(), len(open_days), calendar.between(begin, end) / 3600))
    return found


def odd_days(content: CalendarContent, year: int) -> list[OddDay]:
    """Holidays, make-up working days and own dates of a year, those in a row as one. An own date wins over the others."""
    found: list[OddDay] = []
    for odd in _odd_days(content, f"{year:04}-"):
        last = found[-1] if found else None
        if (
            last
            and (last.kind, last.name, last.hours) == (odd.kind, odd.name, odd.hours)
            and odd.day - last.last == _DAY
        ):
            found[-1] = replace(last, last=odd.day)
        else:
            found.append(odd)
    return found


def _odd_days(content: CalendarContent, prefix: str) -> list[OddDay]:
    found: dict[str, tuple[str, str, str]] = {}
    for day, names in content.holidays.items():
        english, chinese = [*names, ""][:2]
        found[day] = ("holiday", in_language(english, chinese), "")
    for day in content.workdays:
        found[day] = ("workday", _("Working day that makes up for a holiday"), "")
    for day, ranges in content.exceptions.items():
        found[day] = ("exception", _("Own date"), hours_text(ranges))
    days = sorted(day for day in found if day.startswith(prefix))
    return [OddDay(date.fromisoformat(day), date.fromisoformat(day), *found[day]) for day in days]


def week_of(content: CalendarContent) -> list[tuple[str, str]]:
    """Each weekday's name and hours in words."""
    return [(str(Weekday(day).label), hours_text(content.hours.get(day, ()))) for day in WEEKDAYS]


def hours_text(ranges: Sequence[tuple[str, str]]) -> str:
    """Hours in words."""
    return _(", ").join(f"{begin}–{end}" for begin, end in ranges) or pgettext("opening hours", "Closed")


def years_of(content: CalendarContent, now: datetime) -> list[int]:
    """Years that can be looked at: those whose holidays are known."""
    known = {int(day[:4]) for day in content.holidays}
    return sorted(known | {now.astimezone(UTC).year, (now + timedelta(days=366)).astimezone(UTC).year})


def years_around(years: Sequence[int], year: int) -> list[int]:
    """Five of the years, the one that is looked at in their middle where possible."""
    at = min(max(0, years.index(year) - 2), max(0, len(years) - 5)) if year in years else 0
    return list(years[at : at + 5])


def calendar_versions(calendar_id: int) -> QuerySet[CalendarVersion, CalendarVersion]:
    """All versions, newest first."""
    return (
        CalendarVersion.objects.filter(calendar=calendar_id)
        .select_related("created_by")
        .defer("holidays", "workdays", "exceptions")
        .order_by("-number")
    )


def archived_calendars() -> QuerySet[Calendar, Calendar]:
    """Calendars that are offered no longer."""
    return Calendar.objects.filter(archived_at__isnull=False).order_by("name", "pk")


def policies(subject_kind: str, *, archived: bool = False) -> QuerySet[Policy, Policy]:
    """The list in its order."""
    return Policy.objects.filter(subject_kind=subject_kind, archived_at__isnull=not archived).order_by("position", "pk")


def kinds_without_policy() -> list[SubjectKind]:
    """Kinds of subjects that no policy holds for, so that they have no clocks. One query."""
    held = set(Policy.objects.filter(archived_at=None).values_list("subject_kind", flat=True).distinct())
    return [kind for kind in registry.kinds_with_policies() if kind.key not in held]


def newest_of(policy_ids: Sequence[int]) -> Mapping[int, PolicyVersion]:
    """Each policy's newest version with targets and levels, by policy. Four queries."""
    rows = PolicyVersion.objects.filter(policy__in=policy_ids).order_by("policy_id", "-number").distinct("policy_id")
    return {version.policy_id: version for version in rows.prefetch_related("targets__calendar", "levels")}


def policy_versions(policy_id: int) -> QuerySet[PolicyVersion, PolicyVersion]:
    """All versions, newest first, with targets and levels."""
    return (
        PolicyVersion.objects.filter(policy=policy_id)
        .select_related("created_by")
        .prefetch_related("targets__calendar", "levels")
        .order_by("-number")
    )


def open_clocks_under(policy_id: int) -> int:
    """How many open clocks stand under any version of a policy."""
    return Clock.objects.filter(policy_version__policy=policy_id, state__in=OPEN_STATES).count()


def jobs_of(**of: int) -> QuerySet[Recompute, Recompute]:
    """The last recomputations that a calendar or a policy caused."""
    return Recompute.objects.filter(**of).select_related("created_by").order_by("-pk")[:5]


def pending_jobs() -> int:
    """How many recomputations are under way."""
    return Recompute.objects.aggregate(n=Count("pk", filter=Q(state=JobState.PENDING)))["n"] or 0


def words_of_who(version: PolicyVersion, names: Mapping[int, str]) -> Iterator[tuple[int, str, str]]:
    """Level, how long after the breach, and who hears of it, in words."""
    roles = {value: str(label) for value, label in Recipient.choices}
    for level in sorted(version.levels.all(), key=lambda level: level.level):
        words = [roles.get(who) or names.get(int(who) if who.isdigit() else 0, who) for who in level.who]
        yield level.level, span_text(level.minutes_after), _(", ").join(words)
