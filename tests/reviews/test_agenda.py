"""The agenda is built from exceptions and open actions; notes of several writers; the end, minutes, what is carried over."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Membership
from portal.accounts.queries import actor_for
from portal.notifications.delivery.dispatch import dispatch_batch
from portal.refusals import RefusedError
from reviews.actions import agenda, meetings, notes, running
from reviews.models import Action, Attendee, Engagement, Line, NoteRevision
from reviews.queries import agenda as queries
from reviews.rules.standing import Place
from tests.factories.partners import user
from tests.factories.reviews import ActionFactory, PackFactory, draft
from tests.reviews.meeting_world import MeetingWorld, a_meeting, a_series, meeting_world, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> MeetingWorld:
    return meeting_world()


def red(world: MeetingWorld, **fields: Any) -> Line:
    """A draft of the site with a red service level."""
    pack = draft(PackFactory.create(site=world.site, **fields))
    return pack.lines.get()


def titles(world: MeetingWorld, meeting: Engagement, who: str = "coordinator") -> list[str]:
    """What somebody sees on the page of the meeting, point by point."""
    points = world.client(who).get(f"/reviews/meetings/{meeting.pk}/").context["points"]
    return [f"{one['title']}|{one['detail']}" for one in points]


def test_built_from_exceptions_and_open_actions_and_topics_stay(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Holidays")
    red(world)
    ActionFactory.create(site=world.site, title="Coach the late shift", owner=world.lead)
    ActionFactory.create(site=world.other_site, title="Elsewhere")
    assert agenda.build(actor=world.actor(), pk=meeting.pk) == 2
    assert agenda.build(actor=world.actor(), pk=meeting.pk) == 0, "nothing twice"
    shown = titles(world, meeting)
    assert shown[0] == "Holidays|"
    assert shown[1] == "service-level · Cebu · Week 46, 2026|61.0%, target 80.0%"
    assert shown[2] == "Coach the late shift|Lead"


def test_the_badge_of_an_action_says_how_it_stands(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    action = ActionFactory.create(site=world.site)
    agenda.build(actor=world.actor(), pk=meeting.pk)
    done = {"state": "done", "done_at": timezone.now(), "done_by": action.owner}
    for now, badge in (({}, "Open action"), (done, "Done, to be verified")):
        Action.objects.filter(pk=action.pk).update(**{"state": "open"} | now)
        page = world.client().get(f"/reviews/meetings/{meeting.pk}/").content.decode()
        assert re.findall(r'<span class="badge">([^<]+)</span></p><h3>', page) == [badge]


def test_building_again_adds_what_is_new_and_leaves_what_was_removed(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    gone = ActionFactory.create(site=world.site, title="First")
    agenda.build(actor=world.actor(), pk=meeting.pk)
    agenda.remove(actor=world.actor(), pk=meeting.pk, item=meeting.agenda.get(action=gone).pk)
    ActionFactory.create(site=world.site, title="Second")
    assert agenda.build(actor=world.actor(), pk=meeting.pk) == 1
    assert [one.split("|")[0] for one in titles(world, meeting)] == ["Second"]


def test_exceptions_only_since_the_last_meeting_was_held(world: MeetingWorld) -> None:
    last, meeting = a_meeting(world, starts_at=timezone.now() - timedelta(days=7)), a_meeting(world)
    line = red(world)
    running.hold(actor=world.actor(), pk=last.pk, came=[])
    assert agenda.build(actor=world.actor(), pk=meeting.pk) == 0
    red(world, first_day=line.pack.first_day + timedelta(days=7), last_day=line.pack.last_day + timedelta(days=7))
    assert agenda.build(actor=world.actor(), pk=meeting.pk) == 1


def test_order(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    for title in "ABC":
        agenda.add_topic(actor=world.actor(), pk=meeting.pk, title=title)
    items = {one.title: one.pk for one in meeting.agenda.all()}
    agenda.move(actor=world.actor(), pk=meeting.pk, item=items["C"], up=True)
    agenda.move(actor=world.actor(), pk=meeting.pk, item=items["A"], up=False)
    assert [one.title for one in queries.items_of(world.actor(), meeting)] == ["C", "A", "B"]
    agenda.move(actor=world.actor(), pk=meeting.pk, item=items["C"], up=True)
    assert [one.title for one in queries.items_of(world.actor(), meeting)] == ["C", "A", "B"]


def note(world: MeetingWorld, who: str, meeting: Engagement, base: int, text: str) -> notes.Saved:
    """Somebody's save."""
    return notes.save_notes(actor=world.actor(who), pk=meeting.pk, item=meeting.agenda.get().pk, base=base, text=text)


def test_two_writers_keep_what_they_wrote(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    item = agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Late shift")
    assert note(world, "coordinator", meeting, 0, "one\n\ntwo") == notes.Saved(1, "one\n\ntwo", 1)
    assert note(world, "manager", meeting, 1, "one\n\ntwo, says the manager").version == 2
    saved = note(world, "coordinator", meeting, 1, "one, says the coordinator\n\ntwo")
    assert (saved.text, saved.conflict) == ("one, says the coordinator\n\ntwo, says the manager", False)
    assert (saved.own, saved.version) == (3, 4)
    # The same again, because the answer was lost: nothing changes.
    again = note(world, "coordinator", meeting, 1, "one, says the coordinator\n\ntwo")
    assert (again.version, again.own, again.text) == (4, 3, saved.text)
    # They typed on meanwhile, from what they had sent.
    on = note(world, "coordinator", meeting, saved.own, "one, says the coordinator now\n\ntwo")
    assert on.text == "one, says the coordinator now\n\ntwo, says the manager"
    assert NoteRevision.objects.filter(item=item).count() == on.version


def test_the_same_line_keeps_both_and_says_so(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    item = agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Late shift")
    note(world, "coordinator", meeting, 0, "open")
    note(world, "manager", meeting, 1, "open until Friday")
    page = world.client().post(
        f"/reviews/meetings/{meeting.pk}/agenda/{item.pk}/notes/", {"base": 1, "text": "closed"}, headers={"accept": "application/json"}
    )  # fmt: skip
    assert page.json()["text"] == "[Manager]\nopen until Friday\n[Coordinator]\nclosed"
    assert "Both texts are kept" in page.json()["conflict"]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"base": "x", "text": "a"},
        {"base": 0, "text": "x" * 20_001},
        {"base": 0, "text": "a\0b"},
        {"base": -1, "text": "a"},
    ],
)
def test_notes_that_are_none(world: MeetingWorld, sent: dict[str, Any]) -> None:
    meeting = a_meeting(world)
    item = agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Late shift")
    url = f"/reviews/meetings/{meeting.pk}/agenda/{item.pk}/notes/"
    assert world.client().post(url, sent).status_code == 422
    assert world.client().post(url, sent, headers={"accept": "application/json"}).json()["error"]
    assert not NoteRevision.objects.exists()


def test_held_carries_what_is_open_over_to_the_next_of_the_series(world: MeetingWorld) -> None:
    series = a_series(world)
    first, second = series.engagements.order_by("starts_at")[:2]
    ActionFactory.create(site=world.site, title="Still open", series=series)
    done = ActionFactory.create(site=world.site, title="Dropped", series=series)
    agenda.build(actor=world.actor(), pk=first.pk)
    done.state = "dropped"
    done.save()
    raised = ActionFactory.create(site=world.site, title="Raised here", engagement=first)
    came = first.attendees.get(user=world.lead)
    running.begin(actor=world.actor(), pk=first.pk)
    assert running.hold(actor=world.actor(), pk=first.pk, came=[came.pk]) == 2
    assert {one.split("|")[0] for one in titles(world, second)} == {"Still open", "Raised here"}
    assert agenda.build(actor=world.actor(), pk=second.pk) == 0, "they are on it already"
    assert {one.user_id: one.came for one in first.attendees.all()} == {
        world.lead.pk: True,
        world.coordinator.pk: False,
    }
    assert raised.state == "open"
    with pytest.raises(RefusedError, match="meeting_is_held"):
        running.hold(actor=world.actor(), pk=first.pk, came=[])


def test_held_on_the_page_of_the_meeting_keeps_who_was_ticked(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    came = meeting.attendees.get(user=world.lead)
    running.begin(actor=world.actor(), pk=meeting.pk)
    answer = world.client("coordinator").post(
        f"/reviews/meetings/{meeting.pk}/hold/", {"came": [came.pk, "x", "9" * 5000]}
    )
    assert (answer.status_code, answer["Location"]) == (302, f"/reviews/meetings/{meeting.pk}/")
    assert [one.user_id for one in meeting.attendees.filter(came=True)] == [world.lead.pk]


def test_minutes_go_once_for_each_revision(world: MeetingWorld, mailoutbox: list[Any]) -> None:
    meeting = a_meeting(world)
    agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Late shift")
    note(world, "coordinator", meeting, 0, "Two were ill")
    running.decide(actor=world.actor(), pk=meeting.pk, text="Two more on Mondays")
    with pytest.raises(RefusedError, match="meeting_is_planned"):
        running.send_minutes(actor=world.actor(), pk=meeting.pk)
    running.hold(actor=world.actor(), pk=meeting.pk, came=[])
    running.send_minutes(actor=world.actor(), pk=meeting.pk)
    with pytest.raises(RefusedError, match="minutes_unchanged"):
        running.send_minutes(actor=world.actor(), pk=meeting.pk)
    world.lead.language = "zh-hans"
    world.lead.save()
    while dispatch_batch():
        pass
    sent = {mail.to[0]: mail for mail in mailoutbox if "calendar" not in str(mail.alternatives)}
    assert set(sent) == {world.coordinator.email, world.lead.email}
    assert "Two were ill" in sent[world.lead.email].body
    assert "Two more on Mondays" in sent[world.coordinator.email].body
    assert sent[world.coordinator.email].subject == "Minutes: Ops call"
    note(world, "coordinator", meeting, 1, "Three were ill")
    assert running.send_minutes(actor=world.actor(), pk=meeting.pk).revision == 2


def test_who_was_invited_sees_only_the_points_that_are_theirs(world: MeetingWorld, mailoutbox: list[Any]) -> None:
    """A meeting about the whole partner, with the lead of one of its sites."""
    manager = user("partner_manager", partner=world.site.partner)
    Membership.objects.filter(user=manager).update(starts_at=timezone.now() - timedelta(days=9))
    actor = actor_for(manager)
    place = Place(None, world.site.partner_id)
    meeting = meetings.add_engagement(
        actor=actor, about=place, plan=plan(user_ids=[world.lead.pk, world.other_lead.pk])
    )
    ActionFactory.create(site=world.site, title="At Cebu")
    ActionFactory.create(site=world.other_site, title="At Davao")
    assert agenda.build(actor=actor, pk=meeting.pk) == 2
    here = meeting.agenda.get(action__title="At Cebu")
    notes.save_notes(actor=actor, pk=meeting.pk, item=here.pk, base=0, text="Cebu is late")
    running.decide(actor=actor, pk=meeting.pk, text="Cebu pays", item=here.pk)
    running.hold(actor=actor, pk=meeting.pk, came=[])
    running.send_minutes(actor=actor, pk=meeting.pk)
    assert titles(world, meeting, "lead") == ["At Cebu|" + here.action.owner.name]
    while dispatch_batch():
        pass
    words = ("At Cebu", "Cebu is late", "Cebu pays")
    for url in ("", "notes/"):
        page = world.client("other_lead").get(f"/reviews/meetings/{meeting.pk}/{url}").content.decode()
        assert not [one for one in words if one in page], url
    assert "At Davao" in world.client("other_lead").get(f"/reviews/meetings/{meeting.pk}/").content.decode()
    mail = next(one for one in mailoutbox if one.to == [world.other_lead.email] and one.subject.startswith("Minutes"))
    assert not [one for one in words if one in mail.message().as_string()]
    assert "At Davao" in mail.body


def test_strangers_and_readers(world: MeetingWorld) -> None:
    meeting = a_meeting(world)
    item = agenda.add_topic(actor=world.actor(), pk=meeting.pk, title="Late shift")
    with pytest.raises(Http404):
        note(world, "other_lead", meeting, 0, "x")
    other = a_meeting(world)
    with pytest.raises(Http404):
        agenda.move(actor=world.actor(), pk=other.pk, item=item.pk, up=True)
    # Somebody was invited, and has a role since that reads no meetings.
    agent = user("partner_agent", site=world.site)
    Attendee.objects.create(engagement=meeting, user=agent)
    client = Client()
    client.force_login(agent)
    assert client.get(f"/reviews/meetings/{meeting.pk}/").status_code == 404
    assert client.get("/reviews/meetings/").status_code == 404


def test_a_point_of_a_red_line_keeps_its_names_in_both_languages(world: MeetingWorld) -> None:
    red(world)
    meeting = a_meeting(world)
    agenda.build(actor=world.actor(), pk=meeting.pk)
    params = meeting.agenda.get().params
    assert params["site"] == {"en": "Cebu", "zh": "宿务"}
    assert (params["value"], params["target"], params["rag"], params["unit"]) == ("0.61", "0.80", "r", "percent")
