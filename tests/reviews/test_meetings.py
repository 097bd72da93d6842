"""Meetings are arranged, moved, called off, answered; everybody hears of it once."""

from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from icalendar import Calendar

from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
from portal.refusals import ConflictError, RefusedError
from reviews.actions import meetings
from reviews.models import Engagement
from tests.factories.partners import user
from tests.reviews.meeting_world import MeetingWorld, a_meeting, meeting_world, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


def letters(mailoutbox: list[Any]) -> list[tuple[str, str, int]]:
    """To whom, of which method, with which sequence; those that went now."""
    while dispatch_batch():
        pass
    found = []
    for mail in mailoutbox:
        event = calendar_of(mail).events[0]
        found.append((mail.to[0], str(calendar_of(mail)["METHOD"]), int(event["SEQUENCE"])))
    mailoutbox.clear()
    return sorted(found)


def calendar_of(mail: Any) -> Any:
    """The calendar in a letter."""
    message: EmailMessage = mail.message()
    part = next(one for one in message.walk() if one.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert part.get_param("method") == calendar["METHOD"]
    return calendar


def test_invitations_go_once_and_again_only_when_something_changed(world: MeetingWorld, mailoutbox: list[Any]) -> None:
    both = sorted([world.coordinator.email, world.lead.email])
    made = a_meeting(world)
    assert letters(mailoutbox) == [(one, "REQUEST", 0) for one in both]
    kept = plan(user_ids=[world.coordinator.pk, world.lead.pk], starts_at=made.starts_at, ends_at=made.ends_at)
    meetings.change_engagement(actor=world.actor(), pk=made.pk, seen=1, plan=kept)
    assert letters(mailoutbox) == [], "nothing changed"
    later = plan(
        user_ids=kept.user_ids, starts_at=made.starts_at + timedelta(days=1), ends_at=made.ends_at + timedelta(days=1)
    )
    meetings.change_engagement(actor=world.actor(), pk=made.pk, seen=2, plan=later)
    assert letters(mailoutbox) == [(one, "REQUEST", 1) for one in both]
    meetings.cancel_engagement(actor=world.actor(), pk=made.pk, reason="Typhoon")
    assert letters(mailoutbox) == [(one, "CANCEL", 2) for one in both]


def test_the_calendar_of_an_invitation(world: MeetingWorld, mailoutbox: list[Any]) -> None:
    made = a_meeting(world, user_ids=[world.lead.pk])
    while dispatch_batch():
        pass
    (mail,) = mailoutbox
    calendar = calendar_of(mail)
    (event,) = calendar.events
    assert event.decoded("DTSTART") == made.starts_at
    assert event["DTSTART"].params["TZID"] == "Europe/Prague"
    assert [str(zone["TZID"]) for zone in calendar.timezones] == ["Europe/Prague"]
    assert str(event["UID"]).startswith(str(made.uid))
    assert str(event["ATTENDEE"]) == f"mailto:{world.lead.email}"
    assert world.coordinator.email not in mail.message().as_string(), "no other addresses travel"
    assert mail.subject == "Invitation: Ops call"
    assert f"/reviews/meetings/{made.pk}/" in mail.body


def test_who_is_taken_off_hears_of_it_and_who_comes_back_is_asked_again(
    world: MeetingWorld, mailoutbox: list[Any]
) -> None:
    made = a_meeting(world)
    letters(mailoutbox)
    same = {"starts_at": made.starts_at, "ends_at": made.ends_at}
    meetings.change_engagement(
        actor=world.actor(), pk=made.pk, seen=1, plan=plan(user_ids=[world.coordinator.pk], **same)
    )
    assert letters(mailoutbox) == [(world.lead.email, "CANCEL", 1)]
    both = [world.coordinator.pk, world.lead.pk]
    meetings.change_engagement(actor=world.actor(), pk=made.pk, seen=2, plan=plan(user_ids=both, **same))
    assert letters(mailoutbox) == [(world.lead.email, "REQUEST", 1)]


def test_a_letter_that_waited_is_not_sent_to_somebody_who_may_not_come_any_more(
    world: MeetingWorld, mailoutbox: list[Any]
) -> None:
    a_meeting(world, user_ids=[world.lead.pk])
    Membership.objects.filter(user=world.lead).delete()
    while dispatch_batch():
        pass
    assert mailoutbox == []
    assert set(OutboxRow.objects.values_list("state", flat=True)) == {"sent"}


def test_only_those_who_may_see_it_are_asked_and_guests_by_name(world: MeetingWorld) -> None:
    for stranger in (world.other_lead, user(Role.AGENT, site=world.site), user(None)):
        with pytest.raises(RefusedError, match="attendee_sees_nothing"):
            a_meeting(world, user_ids=[stranger.pk])
    made = a_meeting(world, guests=["Dr Lim", "Dr Lim", "Ms Cruz"])
    assert sorted(made.attendees.filter(user=None).values_list("guest", flat=True)) == ["Dr Lim", "Ms Cruz"]


def test_strangers_arrange_nothing(world: MeetingWorld) -> None:
    with pytest.raises(Http404):
        meetings.add_engagement(actor=world.actor("other_lead"), about=world.place, plan=plan())
    with pytest.raises(PermissionDenied):
        meetings.add_engagement(actor=world.actor("lead"), about=world.place, plan=plan())
    made = a_meeting(world)
    with pytest.raises(Http404):
        meetings.cancel_engagement(actor=world.actor("other_lead"), pk=made.pk, reason="x")
    with pytest.raises(PermissionDenied):
        meetings.cancel_engagement(actor=world.actor("lead"), pk=made.pk, reason="x")


def test_the_second_of_two_editors_is_told(world: MeetingWorld) -> None:
    made = a_meeting(world)
    meetings.change_engagement(actor=world.actor(), pk=made.pk, seen=1, plan=plan(title="Call"))
    with pytest.raises(ConflictError):
        meetings.change_engagement(actor=world.actor("manager"), pk=made.pk, seen=1, plan=plan(title="Talk"))
    assert Engagement.objects.get().title == "Call"


def test_answers(world: MeetingWorld) -> None:
    made = a_meeting(world)
    meetings.reply(actor=world.actor("lead"), pk=made.pk, answer="accepted")
    assert made.attendees.get(user=world.lead).reply == "accepted"
    with pytest.raises(RefusedError, match="unknown_reply"):
        meetings.reply(actor=world.actor("lead"), pk=made.pk, answer="maybe")
    with pytest.raises(Http404):
        meetings.reply(actor=world.actor("manager"), pk=made.pk, answer="accepted")
    moved = plan(
        starts_at=made.starts_at + timedelta(hours=2),
        ends_at=made.ends_at + timedelta(hours=2),
        user_ids=[world.lead.pk],
    )
    meetings.change_engagement(actor=world.actor(), pk=made.pk, seen=1, plan=moved)
    assert made.attendees.get(user=world.lead).reply == "none", "a new time asks for a new answer"
