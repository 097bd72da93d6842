"""Write calendars: every change of what one says is a new version."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from portal.accounts.rules import SYSTEM
from portal.audit.actions import Acts, record
from sla import registry
from sla.actions.recomputing import schedule
from sla.country_days import country_days, horizon
from sla.models import Calendar, CalendarVersion
from sla.queries.calendars import CalendarContent, content_of, newest_version

type Ranges = Mapping[str, Sequence[tuple[str, str]]]


class OutdatedError(Exception):
    """Somebody else changed this meanwhile."""


def resolved(
    *,
    time_zone: str,
    hours: Ranges,
    country: str = "",
    subdivision: str = "",
    exceptions: Ranges | None = None,
    today: date | None = None,
) -> CalendarContent:
    """A calendar's content with the days that its country's rules give. Raises ValueError for what cannot be."""
    days = country_days(country, subdivision, horizon(today or timezone.now().date()))
    content = CalendarContent(
        time_zone=time_zone,
        hours=hours,
        country=country,
        subdivision=subdivision,
        exceptions=exceptions or {},
        holidays=days.holidays,
        workdays=days.workdays,
    )
    content.business_calendar().add(timezone.now(), 1)
    return content


@transaction.atomic
def create_calendar(*, actor: Acts, name: str, name_zh: str = "", content: CalendarContent) -> Calendar:
    """A new calendar with its first version."""
    calendar = Calendar.objects.create(name=name, name_zh=name_zh)
    _add_version(actor, calendar, content, 1)
    record(actor=actor, verb="calendar.created", subject_type="calendar", subject_id=calendar.pk)
    return calendar


@transaction.atomic
def change_calendar(
    *, actor: Acts, calendar_id: int, name: str, name_zh: str, content: CalendarContent, expected: int
) -> CalendarVersion:
    """Save a changed calendar: a new version if its content differs, then open clocks are recomputed by a worker.

    `expected` is the version's number that the change was made from. Raises OutdatedError if there is a newer one.
    """
    calendar = Calendar.objects.select_for_update(no_key=True).get(pk=calendar_id)
    version = newest_version(calendar_id)
    if version.number != expected:
        raise OutdatedError
    changes: dict[str, object] = {}
    if (calendar.name, calendar.name_zh) != (name, name_zh):
        calendar.name, calendar.name_zh = name, name_zh
        calendar.save(update_fields=["name", "name_zh"])
        changes["renamed"] = True
    if content_of(version).digest != content.digest:
        version = _add_version(actor, calendar, content, expected + 1)
        changes["version"] = version.number
        for kind in registry.kinds():
            schedule(actor=actor, subject_kind=kind.key, calendar_id=calendar_id)
    if changes:
        record(actor=actor, verb="calendar.changed", subject_type="calendar", subject_id=calendar_id, changes=changes)
    return version


@transaction.atomic
def archive_calendar(*, actor: Acts, calendar_id: int, archived: bool) -> None:
    """Offer a calendar no longer, or again. Clocks that count on it go on."""
    calendar = Calendar.objects.select_for_update(no_key=True).get(pk=calendar_id)
    if (calendar.archived_at is not None) == archived:
        return
    calendar.archived_at = timezone.now() if archived else None
    calendar.save(update_fields=["archived_at"])
    verb = "calendar.archived" if archived else "calendar.restored"
    record(actor=actor, verb=verb, subject_type="calendar", subject_id=calendar_id)


def refresh_calendars() -> int:
    """Ask the libraries again for the days of every calendar's country; how many got a new version.

    Needed once a year, and after an upgrade that knows newly announced days.
    """
    changed = 0
    for calendar in Calendar.objects.filter(archived_at=None).order_by("pk"):
        version = newest_version(calendar.pk)
        if version.country:
            said = content_of(version)
            fresh = resolved(
                time_zone=said.time_zone,
                hours=said.hours,
                country=said.country,
                subdivision=said.subdivision,
                exceptions=said.exceptions,
            )
            if fresh.digest != said.digest:
                change_calendar(
                    actor=SYSTEM,
                    calendar_id=calendar.pk,
                    name=calendar.name,
                    name_zh=calendar.name_zh,
                    content=fresh,
                    expected=version.number,
                )
                changed += 1
    return changed


def _add_version(actor: Acts, calendar: Calendar, content: CalendarContent, number: int) -> CalendarVersion:
    return CalendarVersion.objects.create(
        calendar=calendar,
        number=number,
        time_zone=content.time_zone,
        hours=dict(content.hours),
        country=content.country,
        subdivision=content.subdivision,
        exceptions=dict(content.exceptions),
        holidays=dict(content.holidays),
        workdays=list(content.workdays),
        digest=content.digest,
        created_by_id=actor.user_id,
    )
