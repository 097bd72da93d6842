"""An ops call in a real browser: from the form to the minutes; two writers at once; on a phone, in Chinese."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from portal.accounts.models import User
from reviews.models import AgendaItem, CalendarFeed, Engagement, Series
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE, axe, fits, looks_right, lose_answers, shot
from tests.databases import Database
from tests.factories.reviews import ActionFactory, PackFactory, draft
from tests.reviews.meeting_world import MeetingWorld, a_meeting, a_series, meeting_world

pytestmark = pytest.mark.browser


@pytest.fixture
def world(fresh_database: Database) -> MeetingWorld:
    return meeting_world()


def test_from_a_series_to_the_minutes(world: MeetingWorld, page_as: PageAs) -> None:
    draft(PackFactory.create(site=world.site))
    page = page_as(world.coordinator, "/reviews/meetings/")
    expect(page.get_by_text("No meetings", exact=True)).to_be_visible()
    looks_right(page, "meetings_none")
    page.goto("/reviews/series/new/")
    page.get_by_label("Title").fill("Weekly ops call")
    page.get_by_role("button", name="Add series").click()
    expect(page.locator("#main")).to_contain_text("A series needs an end: choose a last day")
    looks_right(page, "series_without_end")
    page.get_by_label("Last day").fill("2027-06-30")
    page.get_by_role("button", name="Add series").click()
    page.get_by_label("Lead", exact=True).check()
    page.get_by_label("Coordinator", exact=True).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Weekly ops call")
    looks_right(page, "series")
    series = Series.objects.get()
    first, second = series.engagements.order_by("starts_at")[:2]
    ActionFactory.create(site=world.site, title="Coach the late shift", owner=world.lead)
    page.goto("/reviews/meetings/")
    looks_right(page, "meetings")
    page.goto(f"/reviews/meetings/{first.pk}/")
    page.get_by_role("button", name="Build the agenda").click()
    expect(page.locator(".points > li")).to_have_count(2)
    page.get_by_label("Topic").fill("Holidays")
    page.get_by_role("button", name="Add topic").click()
    page.get_by_role("button", name=re.compile("Up.*Holidays")).click()
    expect(page.locator(".points > li h3")).to_have_text(
        ["service-level · Cebu · Week 46, 2026", "Holidays", "Coach the late shift"]
    )
    page.get_by_role("button", name="Begin the meeting").click()
    page.get_by_label("Notes: Holidays").press_sequentially("Closed on the 24th")
    expect(page.locator(f"#point-{AgendaItem.objects.get(title='Holidays').pk} .note-state")).to_have_text("Saved")
    page.get_by_label("What was decided").fill("Two more on Mondays")
    page.get_by_role("button", name="Write down").click()
    expect(page.get_by_text("Two more on Mondays").first).to_be_visible()
    page.locator("#raise-action").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()
    looks_right(page, "meeting_running")
    page.get_by_role("button", name="End the meeting").click()
    expect(page.get_by_text("1 action goes on the next agenda")).to_be_visible()
    page.get_by_role("button", name="Send the minutes").click()
    expect(page.get_by_role("heading", name="Minutes, revision 1")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("Closed on the 24th")
    looks_right(page, "meeting_held")
    page.goto(f"/reviews/meetings/{second.pk}/")
    expect(page.locator(".points > li h3")).to_have_text(["Coach the late shift"])


def test_two_browsers_do_not_overwrite_each_other(world: MeetingWorld, page_as: PageAs) -> None:
    meeting = a_meeting(world)
    item = AgendaItem.objects.create(engagement=meeting, title="Late shift", position=1, notes="")
    one, other = (page_as(who, f"/reviews/meetings/{meeting.pk}/") for who in (world.coordinator, world.manager))
    boxes = [page.get_by_label("Notes: Late shift") for page in (one, other)]
    boxes[0].press_sequentially("first of the coordinator", delay=5)
    boxes[1].press_sequentially("first of the manager", delay=5)
    for box in boxes:
        expect(box).to_have_value("first of the coordinator\nfirst of the manager")
    # Both go on in their own lines, the second one while the first one's save is under way.
    boxes[0].press("Control+Home")
    boxes[0].press_sequentially("0 ", delay=5)
    boxes[1].press("Control+End")
    boxes[1].press_sequentially("\n\nlast", delay=5)
    for box in boxes:
        expect(box).to_have_value("0 first of the coordinator\nfirst of the manager\n\nlast")
    item.refresh_from_db()
    assert item.notes == "0 first of the coordinator\nfirst of the manager\n\nlast"


def test_a_lost_connection_loses_nothing(world: MeetingWorld, page_as: PageAs) -> None:
    meeting = a_meeting(world)
    AgendaItem.objects.create(engagement=meeting, title="Late shift", position=1)
    page = page_as(world.coordinator, f"/reviews/meetings/{meeting.pk}/")
    page.context.set_offline(True)
    page.get_by_label("Notes: Late shift").fill("written on the train")
    expect(page.get_by_text("Not saved yet. Trying again…")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert AgendaItem.objects.get().notes == "written on the train"


def test_a_lost_answer_doubles_nothing(world: MeetingWorld, page_as: PageAs) -> None:
    meeting = a_meeting(world)
    item = AgendaItem.objects.create(engagement=meeting, title="Late shift", position=1)
    page = page_as(world.coordinator, f"/reviews/meetings/{meeting.pk}/")

    lose_answers(page, f"/agenda/{item.pk}/notes/", times=1)
    box = page.get_by_label("Notes: Late shift")
    box.fill("two are")
    expect(page.get_by_text("Not saved yet. Trying again…")).to_be_visible()
    with page.expect_response(lambda answer: "two are ill" in (answer.request.post_data or "")):
        box.press_sequentially(" ill")
    item.refresh_from_db()
    assert item.notes == "two are ill"
    expect(box).to_have_value("two are ill")


def test_the_lead_answers_in_chinese_on_a_phone_and_makes_a_calendar(world: MeetingWorld, page_as: PageAs) -> None:
    lead: User = world.lead
    lead.language = "zh-hans"
    lead.save()
    meeting = a_meeting(world)
    AgendaItem.objects.create(engagement=meeting, title="夜班", position=1, notes="两人生病")
    page = page_as(lead, f"/reviews/meetings/{meeting.pk}/", viewport=PHONE)
    page.locator("#reply-accepted").click()
    expect(page.locator("#reply-accepted")).to_have_attribute("aria-pressed", "true")
    assert meeting.attendees.get(user=lead).reply == "accepted"
    expect(page.locator("#main")).to_contain_text("宿务")
    item = AgendaItem.objects.get()
    expect(page.locator(f"#note-{item.pk}")).to_have_value("两人生病")
    page.locator(f"#note-{item.pk}").press("End")
    with page.expect_response(lambda answer: "周三回来" in (answer.request.post_data or "")):
        page.locator(f"#note-{item.pk}").press_sequentially("，周三回来")
    expect(page.locator(f"#point-{item.pk} .note-state")).to_have_text("已保存")
    assert AgendaItem.objects.get().notes == "两人生病，周三回来"
    page.locator("#id_title, #topic-title").first.fill("耳机")
    page.locator("#add-topic").click()
    expect(page.locator(".points > li h3")).to_have_text(["夜班", "耳机"])
    assert page.locator("#build, #begin, #add-decision").count() == 0, "who does not run it decides nothing"
    axe(page)
    fits(page)
    shot(page, "meeting_zh_phone")
    page.goto("/reviews/calendar/")
    page.locator("#new-feed").click()
    address = page.locator("#feed-url").inner_text()
    shot(page, "calendar_zh_phone")
    axe(page)
    fits(page)
    assert CalendarFeed.objects.get().token_hash not in address
    text = page.context.request.get(address).text()
    assert f"UID:{meeting.uid}" in text
    page.goto("/reviews/calendar/")
    page.locator("#revoke-feed").click()
    expect(page.locator("#revoke-feed")).to_have_count(0)
    assert page.context.request.get(address).status == 404
    assert Engagement.objects.count() == 1


def test_my_day_shows_todays_meetings(world: MeetingWorld, page_as: PageAs) -> None:
    now = timezone.now()
    meeting = a_meeting(world)
    Engagement.objects.filter(pk=meeting.pk).update(starts_at=now, ends_at=now + (meeting.ends_at - meeting.starts_at))
    a_series(world)
    page = page_as(world.coordinator, "/")
    panel = page.get_by_role("region", name="Today’s meetings")
    expect(panel.get_by_role("link", name="Ops call", exact=True)).to_be_visible()
    axe(page)
    fits(page)
