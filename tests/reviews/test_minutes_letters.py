"""Minutes while the mail server is away: the page says so, and everybody gets them once when it is back."""

import socket
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from portal.notifications.delivery.dispatch import dispatch_batch
from portal.notifications.models import OutboxRow
from reviews.actions import running
from reviews.models import Engagement
from tests.notifications import smtp
from tests.reviews.meeting_world import MeetingWorld, a_meeting, meeting_world

pytestmark = pytest.mark.django_db
AWAY = "The mail server does not take them at the moment: 2 letters wait here and are tried again."


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


@pytest.fixture
def held(world: MeetingWorld) -> Engagement:
    """A meeting whose invitations are through, and which was held."""
    meeting = a_meeting(world)
    OutboxRow.objects.all().delete()
    running.hold(actor=world.actor(), pk=meeting.pk, came=[])
    return meeting


def nobody_listens() -> dict[str, Any]:
    """Mailers that lead to a port which was free a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        options = {"host": "127.0.0.1", "port": free.getsockname()[1], "timeout": 20}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


def send() -> None:
    """What waits is tried now."""
    past = timezone.now() - timedelta(days=1)
    OutboxRow.objects.filter(state="pending").update(not_before=past, next_attempt_at=past)
    while dispatch_batch():
        pass


def page_of(world: MeetingWorld, meeting: Engagement, who: str = "coordinator") -> str:
    return world.client(who).get(f"/reviews/meetings/{meeting.pk}/").content.decode()


def test_minutes_wait_for_the_mail_server_and_go_once(
    world: MeetingWorld, held: Engagement, settings: Settings
) -> None:
    settings.MAILERS = nobody_listens()
    client = world.client()
    client.post(f"/reviews/meetings/{held.pk}/minutes/")
    assert "2 letters are on their way" in page_of(world, held)
    send()
    send()
    assert AWAY in page_of(world, held)
    assert "mail server" not in page_of(world, held, "lead"), "for who sends them"
    assert all("ConnectionRefusedError" in one.last_error for one in OutboxRow.objects.all())
    # Whoever presses again is told that nothing is new.
    again = client.post(f"/reviews/meetings/{held.pk}/minutes/", follow=True)
    assert "Nothing changed since the minutes were sent" in again.content.decode()
    with smtp.running() as sink:
        settings.MAILERS = sink.mailers()
        send()
        send()
        assert Counter(sink.recipients) == {world.coordinator.email: 1, world.lead.email: 1}
    shown = page_of(world, held)
    assert "on their way" not in shown
    assert "mail server" not in shown


def test_an_address_that_is_refused_for_good_is_named(
    world: MeetingWorld, held: Engagement, settings: Settings
) -> None:
    with smtp.running() as sink:
        settings.MAILERS = sink.mailers()
        sink.answers = {"RCPT": ["550 no such user"]}
        running.send_minutes(actor=world.actor(), pk=held.pk)
        send()
        send()
    assert "They could not be sent to Coordinator." in page_of(world, held)
    assert OutboxRow.objects.get(state="dead").attempts == 1, "trying again cannot help"
