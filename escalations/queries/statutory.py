"""Deadlines by law: which terms hold, which cases they were asked of, how a due instant was counted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escalations.choices import Direction, Entry, Outcome
from escalations.choices.mail import NOT_ARRIVED, Delivery
from escalations.choices.statutory import DayUnit, Duty
from escalations.models import (
    Case,
    Jurisdiction,
    Regulation,
    StatutoryDeadline,
    StatutoryResponse,
    StatutoryTerm,
    TimelineEntry,
)
from escalations.rules.statutory import Count, Days, Term, counted
from portal.accounts.rules import Actor
from portal.audit.wording import statements
from portal.ui.times import day_text, in_zone
from sla import queries as clocks
from sla.queries import ClockView
from sla.queries.calendars import calendars_for, newest_versions

from .awaited import lost_among
from .mail import mail_out, with_merged
from .queue import KIND
from .scope import visible_inside
from .timeline import entries_visible_to


@dataclass(frozen=True, slots=True)
class Standing:
    """A duty of a case as its page shows it: the clock, the term it was counted by, what met it, and of one that is owed
    again the mail that got lost."""

    clock: ClockView
    deadline: StatutoryDeadline | None
    response: StatutoryResponse | None
    lost: StatutoryResponse | None = None


def jurisdictions() -> QuerySet[Jurisdiction]:
    """All of them, by name."""
    return Jurisdiction.objects.select_related("calendar").order_by("name", "pk")


def live_jurisdictions() -> QuerySet[Jurisdiction]:
    """Those that a case may be marked with."""
    return jurisdictions().filter(archived_at=None)


def terms_of(jurisdiction: Jurisdiction) -> QuerySet[StatutoryTerm]:
    """Every term that a jurisdiction has or had, the newest first within each duty; those that never held left out."""
    rows = StatutoryTerm.objects.filter(jurisdiction=jurisdiction, valid__isempty=False)
    return rows.select_related("made_by").order_by("duty", "-valid")


def terms_in_force(jurisdiction_id: int, day: date) -> list[StatutoryTerm]:
    """What the law gives for a complaint received on a day, one term a duty."""
    rows = StatutoryTerm.objects.filter(jurisdiction_id=jurisdiction_id, valid__contains=day)
    return sorted(rows, key=lambda term: Duty.values.index(term.duty))


def rule_of(term: StatutoryTerm) -> Term:
    """The term as the rules count it."""
    return Term(term.amount, term.unit == DayUnit.WORKING, next_day=term.next_day, rolls=term.rolls)


def newest_calendar(jurisdiction: Jurisdiction) -> tuple[int, Days]:
    """The version of the jurisdiction's calendar that holds now, and its days."""
    version = newest_versions([jurisdiction.calendar_id])[jurisdiction.calendar_id]
    return version, days_of(version)


def days_of(calendar_version_id: int) -> Days:
    """The days of a calendar as one of its versions has them."""
    calendar = calendars_for([calendar_version_id])[calendar_version_id]
    return Days(calendar.tz, calendar.works_on)


def duties_of(case_id: int) -> list[ClockView]:
    """The newest clock of each duty that the case has or had, cancelled ones left out."""
    views = clocks.by_metric(clocks.clocks_of(KIND, [case_id])[case_id])
    found = (views.get(duty) for duty in Duty.values)
    return [view for view in found if view is not None and view.state != "cancelled"]


def owed(case_id: int) -> list[ClockView]:
    """Answers that the law still waits for."""
    return [view for view in duties_of(case_id) if view.is_open]


def final_is_owed(case_id: int) -> bool:
    """Whether whoever ends the case now says why."""
    return any(view.metric == Duty.FINAL for view in owed(case_id))


def regulations_of(actor: Actor, case: Case) -> list[Regulation]:
    """Under which law the case is a complaint, and so are those merged into it, as far as the actor sees them inside."""
    seen = visible_inside(actor).filter(merged_into=case).values_list("pk", flat=True) if case.pk else []
    rows = Regulation.objects.filter(case_id__in=[case.pk, *seen], lifted_at=None)
    return list(rows.select_related("jurisdiction__calendar", "marked_by").order_by("received_at", "pk"))


def standings_of(reader: Actor, case: Case) -> list[Standing]:
    """The duties of a case with the terms they were counted by, as far as the reader sees whose they are, and what met them.
    Three queries besides those of the scope; five while one is owed."""
    views = duties_of(case.pk)
    answers = StatutoryResponse.objects.filter(clock__in=[view.id for view in views])
    said = {one.clock_id: one for one in answers.select_related("contact__mail_out")}
    counted_by = _deadlines(reader, case.pk) if views else []
    lost = _lost_of(reader, case.pk) if any(view.is_open for view in views) else {}
    return [
        Standing(
            view, _deadline_of(view, counted_by), said.get(view.id), lost.get(view.metric) if view.is_open else None
        )
        for view in views
    ]


def _lost_of(reader: Actor, case_id: int) -> dict[str, StatutoryResponse]:
    """By duty the newest response that the reader sees, where that is a mail that did not arrive, or had not before it was sent
    again."""
    cases = [case_id, *visible_inside(reader).filter(merged_into=case_id).values_list("pk", flat=True)]
    rows = StatutoryResponse.objects.filter(case__in=cases).select_related("contact__mail_out").order_by("entry_id")
    newest, lost = {one.duty: one for one in rows}, lost_among(cases)
    return {duty: one for duty, one in newest.items() if one.pk in lost}


def contacts_to_name(actor: Actor, case: Case) -> list[TimelineEntry]:
    """Contacts that may have been an answer by law, the newest first: those that nobody answered and mails that did not
    arrive are none, nor what came along from another case: whether that arrives is told there."""
    rows = entries_visible_to(actor, case).filter(case__in=with_merged(case))
    rows = rows.filter(kind=Entry.CONTACT, direction=Direction.OUTBOUND)
    rows = rows.exclude(outcome=Outcome.NO_ANSWER).exclude(mail_out__state__in=NOT_ARRIVED)
    return list(rows.order_by("-at", "-pk")[:50])


def counts_from(contact: TimelineEntry) -> datetime:
    """When a contact was an answer: when it was written; a mail that failed and was tried again, when it went at last, and while
    it waits, since when."""
    letter = mail_out(contact)
    if letter is None or letter.queued_at <= contact.at:
        return contact.at
    went = letter.settled_at if letter.state == Delivery.SENT else None
    return went or letter.queued_at


def _deadlines(reader: Actor, case_id: int) -> list[StatutoryDeadline]:
    """Of the case, and of those merged into it that the reader sees inside: their promises go on as clocks of the survivor's."""
    cases = [case_id, *visible_inside(reader).filter(merged_into=case_id).values_list("pk", flat=True)]
    rows = StatutoryDeadline.objects.filter(regulation__case__in=cases)
    return list(rows.select_related("regulation__jurisdiction", "term").order_by("-pk"))


def _deadline_of(view: ClockView, among: Sequence[StatutoryDeadline]) -> StatutoryDeadline | None:
    """The clock's own; of one that took over an earlier promise, the one that gave it. What is owed is owed by a live mark."""
    same = [one for one in among if (one.duty, one.due_at) == (view.metric, view.due_at)]
    same = [one for one in same if view.is_open and one.regulation.lifted_at is None] or same
    return next((one for one in same if one.clock_id == view.id), same[0] if same else None)


def counted_terms(reader: Actor, case_id: int, clock_id: int) -> list[tuple[str, str]]:
    """How a due instant by law was counted, line by line, for somebody inside the case; empty for a clock that no law gave, or
    the law of a complaint merged into it that they do not see inside."""
    view = clocks.clock_view(clock_id)
    if view is None or view.metric not in Duty.values:
        return []
    deadline = _deadline_of(view, _deadlines(reader, case_id))
    return list(_lines(deadline)) if deadline else []


def _lines(deadline: StatutoryDeadline) -> Iterator[tuple[str, str]]:
    term, received = deadline.term, deadline.regulation.received_at
    days = days_of(deadline.calendar_version_id)
    count = counted(received, rule_of(term), days)
    zone = days.zone.key
    yield _("Law"), term.law
    if term.link:
        yield _("Where it stands"), term.link
    yield _("Jurisdiction"), deadline.regulation.jurisdiction.label
    yield _("Term"), term_text(term)
    yield _("Received"), _("%(time)s in %(zone)s") % {"time": _instant(received, zone), "zone": zone}
    yield _("Counting begins"), day_text(count.first)
    for first, last in count.rests:
        yield _("Does not count"), day_text(first) if first == last else f"{day_text(first)} – {day_text(last)}"
    yield _("Last day"), _last_day(count)
    yield (
        _("Due"),
        _("%(time)s, the end of that day in %(zone)s") % {"time": _instant(count.due_at, zone), "zone": zone},
    )
    yield _("Pauses"), _("None. Nothing pauses or moves it; it is met by the answer alone.")


def term_text(term: StatutoryTerm) -> str:
    """A term in a sentence."""
    if term.unit == DayUnit.WORKING:
        amount = ngettext("%(n)d working day", "%(n)d working days", term.amount) % {"n": term.amount}
    else:
        amount = ngettext("%(n)d calendar day", "%(n)d calendar days", term.amount) % {"n": term.amount}
    begins = _("the day after receipt is the first") if term.next_day else _("the day of receipt is the first")
    parts = [amount, begins]
    if term.rolls:
        parts.append(_("a last day on which nobody works moves to the next working day"))
    return statements(parts)


def _last_day(count: Count) -> str:
    if count.last == count.last_counted:
        return day_text(count.last)
    words = {"day": day_text(count.last_counted), "next": day_text(count.last)}
    return _("%(day)s is no working day, so it is %(next)s") % words


def _instant(at: datetime, zone: str) -> str:
    local = in_zone(at, zone)
    return f"{day_text(local.date())}, {local:%H:%M}"


def zones_of(rows: Sequence[Jurisdiction]) -> dict[int, str]:
    """The zone of each jurisdiction's calendar, by the calendar's id. Two queries."""
    versions = newest_versions([one.calendar_id for one in rows])
    found = calendars_for(list(versions.values()))
    return {calendar: found[version].tz.key for calendar, version in versions.items()}


def zone_of(standing: Standing) -> str:
    """In which zone a duty's days end; empty for one that nobody counted here."""
    return days_of(standing.deadline.calendar_version_id).zone.key if standing.deadline else ""


def zones_by_clock(reader: Actor, case_id: int, views: Iterable[ClockView]) -> dict[int, str]:
    """In which zone the days of each clock by law end, for those whose law the reader sees. None for a case without any, one
    query where none was taken over from a merged one."""
    owed_here = [view for view in views if view.metric in Duty.values]
    found = own_zones(case_id, owed_here)
    taken_over = [view for view in owed_here if view.id not in found]
    among = _deadlines(reader, case_id) if taken_over else []
    given = {view.id: one.calendar_version_id for view in taken_over if (one := _deadline_of(view, among))}
    calendars = calendars_for(sorted(set(given.values()))) if given else {}
    return found | {pk: calendars[version].tz.key for pk, version in given.items()}


def own_zones(case_id: int, views: Iterable[ClockView]) -> dict[int, str]:
    """The same of what was asked for the case itself, before anything was merged into it."""
    by_law = [view for view in views if view.metric in Duty.values]
    if not by_law:
        return {}
    # By what is owed and not by the clock: what is owed again after a mail got lost has another one.
    own = StatutoryDeadline.objects.filter(regulation__case=case_id).order_by("pk")
    zones = {(duty, due): zone for duty, due, zone in own.values_list("duty", "due_at", "calendar_version__time_zone")}
    found = ((view.id, zones.get((view.metric, view.due_at), "")) for view in by_law)
    return {pk: zone for pk, zone in found if zone}


def zone_of_clock(reader: Actor, case_id: int, clock_id: int) -> str:
    """The same of one clock; empty for one without."""
    view = clocks.clock_view(clock_id)
    return zones_by_clock(reader, case_id, [view]).get(clock_id, "") if view else ""


def last_day_of(term: StatutoryTerm) -> date | None:
    """The last day of receipt for which a term holds; None while it has no end."""
    return date.fromordinal(term.valid.upper.toordinal() - 1) if term.valid.upper else None
