"""Leads take notes and add topics at meetings of their own sites; arranging and running stay with the company."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.utils import timezone

from portal.accounts.choices import Role
from portal.accounts.models import Membership
from portal.accounts.queries import actor_for
from portal.audit.models import AuditEntry
from reviews.actions import agenda, meetings, notes, running
from reviews.models import Attendee, Engagement, NoteRevision
from reviews.rules.standing import Place
from tests.factories.accounts import DelegationFactory, somebody
from tests.factories.partners import user
from tests.reviews.meeting_world import MeetingWorld, a_meeting, meeting_world, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


def page_of(world: MeetingWorld, who: str, meeting: Engagement) -> str:
    return world.client(who).get(f"/reviews/meetings/{meeting.pk}/").content.decode()


def test_a_lead_adds_a_topic_and_takes_notes_beside_the_coordinator(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    client = world.client("lead")
    url = f"/reviews/meetings/{meeting.pk}/"
    assert "add-topic" in client.get(url).content.decode()
    assert client.post(f"{url}agenda/add/", {"title": "Headsets"}).status_code == 302
    item = meeting.agenda.get()
    notes.save_notes(actor=world.actor(), pk=meeting.pk, item=item.pk, base=0, text="Ten are broken")
    client.post(f"{url}agenda/{item.pk}/notes/", {"base": 1, "text": "Ten are broken\nNew ones on Friday"})
    shown = page_of(world, "coordinator", meeting)
    assert "Headsets" in shown
    assert "New ones on Friday" in shown
    assert NoteRevision.objects.get(number=2).by == world.lead


def test_a_topic_says_whose_it_is_and_the_trail_too(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    deputy = somebody(Role.PARTNER_LEAD, name="Deputy")
    DelegationFactory.create(principal=world.lead, delegate=deputy)
    agenda.add_topic(actor=world.actor("lead"), pk=meeting.pk, title="Headsets")
    agenda.add_topic(actor=actor_for(deputy), pk=meeting.pk, title="Chairs")
    shown = page_of(world, "coordinator", meeting)
    assert "Added by Lead</p>" in shown
    assert "Added by Deputy for Lead</p>" in shown
    rows = AuditEntry.objects.filter(verb="agenda.topic_added", subject_type="engagement", subject_id=meeting.pk)
    assert list(rows.order_by("id").values_list("actor_id", "on_behalf_of_id")) == [
        (world.lead.pk, None),
        (deputy.pk, world.lead.pk),
    ]
    client = Client()
    client.force_login(user(Role.AUDITOR))
    assert "Added a topic to an agenda" in client.get("/audit/").content.decode()


def test_a_lead_runs_nothing(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    item = agenda.add_topic(actor=world.actor("lead"), pk=meeting.pk, title="Headsets")
    shown = page_of(world, "lead", meeting)
    assert not [one for one in ('id="build"', 'id="begin"', "add-decision", f"remove-{item.pk}") if one in shown]
    with pytest.raises(PermissionDenied):
        agenda.remove(actor=world.actor("lead"), pk=meeting.pk, item=item.pk)
    with pytest.raises(PermissionDenied):
        agenda.build(actor=world.actor("lead"), pk=meeting.pk)
    with pytest.raises(PermissionDenied):
        running.decide(actor=world.actor("lead"), pk=meeting.pk, text="We pay")


def test_a_lead_of_another_site_finds_no_meeting(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    item = agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Headsets")
    client, url = world.client("other_lead"), f"/reviews/meetings/{meeting.pk}/agenda/"
    assert client.post(f"{url}add/", {"title": "x"}).status_code == 404
    assert client.post(f"{url}{item.pk}/notes/", {"base": 0, "text": "x"}).status_code == 404
    with pytest.raises(Http404):
        agenda.add_topic(actor=world.actor("other_lead"), pk=meeting.pk, title="x")
    # Asked to come they read it, and write nothing.
    Attendee.objects.create(engagement=meeting, user=world.other_lead)
    assert client.post(f"{url}add/", {"title": "x"}).status_code == 403
    assert client.post(f"{url}{item.pk}/notes/", {"base": 0, "text": "x"}).status_code == 403
    assert "add-topic" not in page_of(world, "other_lead", meeting)
    assert not NoteRevision.objects.exists()


def test_a_meeting_about_the_whole_partner_hears_the_leads_that_were_asked(world: MeetingWorld) -> None:
    manager = user(Role.MANAGER, partner=world.site.partner)
    Membership.objects.filter(user=manager).update(starts_at=timezone.now() - timedelta(days=9))
    about = Place(None, world.site.partner_id)
    meeting = meetings.add_engagement(actor=actor_for(manager), about=about, plan=plan(user_ids=[world.lead.pk]))
    assert agenda.add_topic(actor=world.actor("lead"), pk=meeting.pk, title="Headsets")
    with pytest.raises(Http404):
        agenda.add_topic(actor=world.actor("other_lead"), pk=meeting.pk, title="x")


def test_quality_reads_and_does_not_write(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    quality = user(Role.PARTNER_QA, site=world.site)
    with pytest.raises(PermissionDenied):
        agenda.add_topic(actor=actor_for(quality), pk=meeting.pk, title="x")


def test_a_meeting_that_is_over_takes_no_topic(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    running.hold(actor=world.actor(), pk=meeting.pk, came=[])
    shown = world.client("lead").post(f"/reviews/meetings/{meeting.pk}/agenda/add/", {"title": "Late"})
    assert shown.status_code == 422
    assert not meeting.agenda.exists()
