"""What a change of a series says to whom: once, at the right time, in one letter, and everybody's calendar comes out as the series is."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from portal.accounts.models import User
from portal.notifications.delivery.dispatch import dispatch_batch
from reviews.actions import meetings, series
from reviews.models import Engagement, Series
from tests.reviews.meeting_world import MeetingWorld, a_series, at, meeting_world

pytestmark = pytest.mark.django_db
#: A Monday. The database has a clock of its own, so it is one to come.
NOW = at(2027, 10, 4, 8)
NOTICE = timedelta(days=14)


@dataclass
class Letters:
    """Letters as they arrive, and what calendar programs make of them. `prompt`: each change's letters arrive before the next change."""

    mailoutbox: list[Any]
    now: datetime = NOW
    prompt: bool = True
    calendars: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: Counter[tuple[str, str, int, str]] = field(default_factory=Counter)

    def wait(self, **more: int) -> list[Any]:
        """Let time go by, day by day, and read what came."""
        found, end = [], self.now + timedelta(**more)
        while True:
            found += self.read()
            if self.now >= end:
                return found
            self.now = min(end, self.now + timedelta(days=1))

    def read(self) -> list[Any]:
        """Read what comes now; nothing about any meeting comes to anybody twice."""
        with time_machine.travel(self.now, tick=False):
            while dispatch_batch():
                pass
        found = list(self.mailoutbox)
        self.mailoutbox.clear()
        for mail in found:
            for method, event in events_of(mail):
                self._enter(mail.to[0], method, event)
        return found

    def _enter(self, whose: str, method: str, event: Any) -> None:
        uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
        self.seen[whose, uid, sequence, method] += 1
        assert self.seen[whose, uid, sequence, method] == 1, "the same is said once"
        known = self.calendars.setdefault(whose, {})
        assert uid not in known or int(known[uid]["SEQUENCE"]) <= sequence, "what is older than the calendar is ignored"
        if method == "CANCEL":
            assert uid in known or not self.prompt, "nobody is told that something is off which they were not told of"
        known[uid] = event

    def shown(self, person: User) -> list[datetime]:
        """What stands in somebody's calendar from now on."""
        rows = self.calendars.get(person.email, {}).values()
        starts = [one.decoded("DTSTART") for one in rows if str(one["STATUS"]) == "CONFIRMED"]
        return sorted(one for one in starts if one > self.now)


def events_of(mail: Any) -> list[tuple[str, Any]]:
    """The event of each calendar in a letter, with its method; one alone is an alternative, several are files."""
    parts = parts_of(mail)
    calendars = [Calendar.from_ical(part.get_payload(decode=True)) for part in parts]
    assert [part.get_param("method") for part in parts] == [one["METHOD"] for one in calendars]
    assert {len(one.events) for one in calendars} == {1}, "a request has one UID"
    assert {part.is_attachment() for part in parts} == {len(parts) > 1}
    return [(str(one["METHOD"]), one.events[0]) for one in calendars]


def parts_of(mail: Any) -> list[Any]:
    """The calendars in a letter."""
    return [part for part in mail.message().walk() if part.get_content_type() == "text/calendar"]


def coming_to(row: Series, person: User, now: datetime) -> list[datetime]:
    """To which meetings somebody is asked."""
    rows = row.engagements.filter(state="planned", attendees__user=person, starts_at__gt=now)
    return sorted(rows.values_list("starts_at", flat=True))


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


@pytest.fixture
def letters(mailoutbox: list[Any]) -> Letters:
    return Letters(mailoutbox)


def start(world: MeetingWorld, now: datetime = NOW) -> Series:
    """Every Tuesday at ten in Prague: 5 and 12 October are within two weeks."""
    with time_machine.travel(now, tick=False):
        return a_series(world, date(2027, 10, 5))


def change(world: MeetingWorld, row: Series, now: datetime, **more: Any) -> None:
    """The series' own terms, with changes."""
    row.refresh_from_db()
    values = {name: getattr(row, name) for name in ("title", "last_day", "at", "minutes", "place")}
    values["user_ids"] = list(row.members.values_list("user_id", flat=True))
    with time_machine.travel(now, tick=False):
        series.change_series(actor=world.actor(), pk=row.pk, seen=row.version, terms=series.Terms(**{**values, **more}))


def test_a_moved_series_is_one_letter_per_person(world: MeetingWorld, letters: Letters) -> None:
    made = start(world)
    letters.read()
    change(world, made, NOW, at=time(15))
    found = letters.read()
    assert sorted(mail.to[0] for mail in found) == sorted([world.coordinator.email, world.lead.email])
    assert {mail.subject for mail in found} == {"Changed: Weekly ops call"}
    coming = coming_to(made, world.lead, NOW)
    assert letters.shown(world.lead) == coming
    assert len(coming) == 8
    for mail in found:
        assert [int(event["SEQUENCE"]) for _method, event in events_of(mail)] == [1] * 8
        assert mail.body.count("/reviews/meetings/") == 8
    assert letters.wait(days=20) == [], "the invitations that waited are not sent besides"


def test_somebody_new_in_a_moved_series_is_asked_two_weeks_before(world: MeetingWorld, letters: Letters) -> None:
    made = start(world)
    change(world, made, NOW, at=time(15))
    letters.read()
    change(world, made, NOW, user_ids=[world.coordinator.pk, world.lead.pk, world.manager.pk])
    (mail,) = letters.read()
    assert (mail.to, mail.subject) == ([world.manager.email], "Invitation: Weekly ops call")
    assert [int(event["SEQUENCE"]) for _method, event in events_of(mail)] == [1, 1]
    found = letters.wait(days=7)
    assert [(mail.to, mail.subject) for mail in found] == [([world.manager.email], "Invitation: Weekly ops call")]
    (event,) = [event for _method, event in events_of(found[0])]
    assert event.decoded("DTSTART").date() == date(2027, 10, 19)


def test_an_ended_series_is_one_letter_and_only_of_what_was_announced(world: MeetingWorld, letters: Letters) -> None:
    made = start(world)
    letters.read()
    with time_machine.travel(NOW, tick=False):
        series.end_series(actor=world.actor(), pk=made.pk)
    found = letters.read()
    assert {mail.subject for mail in found} == {"Called off: Weekly ops call"}
    assert [len(events_of(mail)) for mail in found] == [2, 2]
    assert letters.wait(days=20) == []


def test_what_changes_again_before_it_was_sent_is_said_as_it_is(world: MeetingWorld, letters: Letters) -> None:
    letters.prompt = False
    made = start(world)
    change(world, made, NOW, at=time(15))
    with time_machine.travel(NOW, tick=False):
        first = made.engagements.order_by("starts_at")[0]
        meetings.cancel_engagement(actor=world.actor(), pk=first.pk, reason="Typhoon")
    change(world, made, NOW, user_ids=[world.lead.pk])
    letters.wait(days=20)
    assert letters.shown(world.lead) == coming_to(made, world.lead, letters.now)
    assert letters.shown(world.coordinator) == []


def test_the_letter_in_chinese_and_as_html(world: MeetingWorld, letters: Letters) -> None:
    User.objects.filter(pk=world.lead.pk).update(language="zh-hans")
    made = start(world)
    letters.read()
    # One earlier end: what lies behind is off, what is left has another place.
    change(world, made, NOW, last_day=date(2027, 10, 7), place="5 号会议室", title="周会")
    (mail,) = [mail for mail in letters.read() if mail.to == [world.lead.email]]
    html = str(mail.alternatives[0][0])
    assert mail.subject == "有变更：周会"
    for text in (mail.body, html):
        assert "邀请你参加：" in text
        assert "以下会议不再召开：" in text
        assert "5 号会议室" in text
        assert "does not" not in text
    files = [(part.get_filename(), part.get_param("method")) for part in parts_of(mail)]
    assert files == [("2027-10-05-meeting.ics", "REQUEST"), ("2027-10-12-weekly-ops-call.ics", "CANCEL")]


def test_two_meetings_of_one_day_are_two_files(world: MeetingWorld, letters: Letters) -> None:
    made = start(world)
    letters.read()
    first, second = made.engagements.order_by("starts_at")[:2]
    Engagement.objects.filter(pk=second.pk).update(
        starts_at=first.starts_at + timedelta(hours=2), ends_at=first.ends_at + timedelta(hours=2)
    )
    with time_machine.travel(NOW, tick=False):
        series.end_series(actor=world.actor(), pk=made.pk)
    names = [part.get_filename() for part in parts_of(letters.read()[0])]
    assert names == ["2027-10-05-weekly-ops-call.ics", "2027-10-05-weekly-ops-call-2.ics"]


WHO = ("coordinator", "lead", "manager")
ACTS = st.one_of(
    st.tuples(st.just("members"), st.sets(st.sampled_from(WHO))),
    st.tuples(st.just("hour"), st.integers(8, 18)),
    st.tuples(st.just("rhythm"), st.sampled_from(["week", "two_weeks"]), st.integers(1, 12)),
    st.tuples(st.just("last"), st.integers(1, 12)),
    st.tuples(st.just("one"), st.integers(0, 7), st.integers(-2, 3), st.sets(st.sampled_from(WHO))),
    st.tuples(st.just("off"), st.integers(0, 7)),
    st.tuples(st.just("days"), st.integers(0, 20)),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=1, max_size=7), prompt=st.booleans())
def test_everybodys_calendar_is_as_the_series_is(
    world: MeetingWorld, mailoutbox: list[Any], acts: list[Any], *, prompt: bool
) -> None:
    sid = transaction.savepoint_create()
    mailoutbox.clear()
    try:
        row, letters = start(world), Letters(mailoutbox, prompt=prompt)
        for act in acts:
            if prompt:
                letters.read()
            _act(world, row, letters, *act)
        letters.wait(days=1)
        for who in WHO:
            person = getattr(world, who)
            coming, shown = coming_to(row, person, letters.now), letters.shown(person)
            assert not set(shown) - set(coming), "nothing that is not so"
            assert {one for one in coming if one <= letters.now + NOTICE} <= set(shown), (
                "everything of the next two weeks"
            )
    finally:
        transaction.savepoint_rollback(sid)


def _act(world: MeetingWorld, row: Series, letters: Letters, what: str, *values: Any) -> None:
    """One thing that somebody does, or time that goes by; what a form would refuse is left out."""
    if what == "days":
        letters.wait(days=values[0])
        with time_machine.travel(letters.now, tick=False):
            series.make_meetings()
    elif what in {"one", "off"}:
        _alone(world, row, letters.now, what, *values)
    else:
        terms = _terms(world, letters.now.date(), what, *values)
        row.refresh_from_db()
        if (
            terms.get("next_day", row.first_day) <= row.last_day
            and terms.get("last_day", row.last_day) >= row.first_day
        ):
            _one_letter_each(world, row, letters, terms)


def _terms(world: MeetingWorld, day: date, what: str, *values: Any) -> dict[str, Any]:
    """What changes of a series' terms."""
    if what == "members":
        return {"user_ids": [getattr(world, who).pk for who in values[0]]}
    if what == "hour":
        return {"at": time(values[0])}
    if what == "rhythm":
        return {"rhythm": values[0], "next_day": day + timedelta(days=values[1])}
    return {"last_day": day + timedelta(weeks=values[0])}


def _one_letter_each(world: MeetingWorld, row: Series, letters: Letters, terms: dict[str, Any]) -> None:
    """What one change says is one letter to each."""
    change(world, row, letters.now, **terms)
    if letters.prompt:
        assert all(count == 1 for count in Counter(mail.to[0] for mail in letters.read()).values())


def _alone(world: MeetingWorld, row: Series, now: datetime, what: str, index: int, *values: Any) -> None:
    """One of its meetings is moved by days, with these people, or called off."""
    coming = list(row.engagements.filter(state="planned", starts_at__gt=now).order_by("starts_at"))
    if index >= len(coming):
        return
    one: Engagement = coming[index]
    with time_machine.travel(now, tick=False):
        if what == "off":
            meetings.cancel_engagement(actor=world.actor(), pk=one.pk, reason="A holiday")
            return
        by = timedelta(days=values[0])
        if one.starts_at + by <= now:
            return
        plan = meetings.Plan(one.kind, one.title, one.starts_at + by, one.ends_at + by, one.time_zone, one.place,
                             user_ids=[getattr(world, who).pk for who in values[1]])  # fmt: skip
        meetings.change_engagement(actor=world.actor(), pk=one.pk, seen=one.version, plan=plan)
