"""The directory in a real browser: a person over time, two rosters at once, and who has not confirmed the leavers."""

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from partners.models import Person
from tests.browser.conftest import PageAs
from tests.browser.helpers import axe, fits, shot
from tests.databases import Database
from tests.escalations.pages_world import World, world
from tests.factories.access import EntitlementFactory, GrantFactory
from tests.factories.partners import (
    LeaveFactory,
    PlacementFactory,
    ProgrammeFactory,
    TeamFactory,
    days,
    placed,
)
from tests.partners.test_roster_together import held

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: Database) -> World:
    return world()


def long_life(here: World) -> Person:
    """Somebody with a bit of everything."""
    wang = placed(here.site, name="Wang Fang", email="wang@bw.example")
    first = wang.placements.get()
    team = TeamFactory.create(programme=ProgrammeFactory.create(site=here.site, name="Hosts"), name="Lotus")
    today = timezone.now().date()
    first.period = days("2024-01-01", today - timedelta(days=200))
    first.save()
    PlacementFactory.create(
        person=wang, site=here.site, team=team, programme=team.programme, period=days(today - timedelta(days=199))
    )
    loan = days(today - timedelta(days=90), today - timedelta(days=40))
    PlacementFactory.create(person=wang, site=here.site, kind="loan", period=loan)
    LeaveFactory.create(person=wang, period=days(today + timedelta(days=5), today + timedelta(days=9)))
    for number in range(14):
        started = timezone.now() - timedelta(days=20 * number + 5)
        ended = started + timedelta(days=4) if number % 3 else None
        GrantFactory.create(person=wang, entitlement=EntitlementFactory.create(), started_at=started, ended_at=ended)
    here.users["lead"].person = wang
    here.users["lead"].save()
    here.case("Guest locked out", by="lead")
    return wang


def test_a_person_over_time(here: World, page_as: PageAs) -> None:
    wang = long_life(here)
    page = page_as(here.users["coordinator"], reverse("partners:person", args=[wang.pk]))
    course = page.get_by_role("region", name="Over time")
    for text in ("Transferred to Lotus", "Access began", "Guest locked out", "Upcoming"):
        expect(course).to_contain_text(text)
    assert course.locator("svg.lane").count() == 7
    widths = [box["width"] for bar in course.locator("rect").all() if (box := bar.bounding_box())]
    assert min(widths) > 0
    course.get_by_text(re.compile("earlier$")).click()
    expect(course.get_by_text("Joined Bluewave")).to_be_visible()
    axe(page)
    fits(page)
    shot(page, "person-course")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(reverse("partners:person", args=[wang.pk]))
    fits(page)
    axe(page)
    shot(page, "person-course-phone")
    dark = page_as(here.users["coordinator"], reverse("partners:person", args=[wang.pk]), color_scheme="dark")
    axe(dark)
    shot(dark, "person-course-dark")


def test_the_second_of_two_uploads_hears_of_the_first(
    here: World, page_as: PageAs, fresh_database: Database, tmp_path: Path
) -> None:
    rows = "employee_no,name,email\nBW-1,Chen Jie,chen@bw.example\n"
    roster = tmp_path / "roster.csv"
    roster.write_text(rows, encoding="utf-8")
    lead, coordinator = here.users["lead"], here.users["coordinator"]
    lead.time_zone = "Asia/Kolkata"
    lead.save()
    first, second = page_as(coordinator, reverse("partners:roster_new")), page_as(lead, reverse("partners:roster_new"))
    first.get_by_label("Site").select_option(label=here.site.name)
    for page in (first, second):
        page.get_by_label("File").set_input_files(roster)
    first.get_by_role("button", name="Show what it changes").click()
    expect(first.get_by_role("button", name="Apply all")).to_be_visible()
    since = timezone.now()
    with held(fresh_database, "partners_engagement") as somebody_waits:
        first.get_by_role("button", name="Apply all").click(no_wait_after=True)
        somebody_waits()
        second.get_by_role("button", name="Show what it changes").click()
        said = second.get_by_text(f"{coordinator.name} has been at a roster of this site since")
        expect(said.first).to_be_visible()
        text = said.first.inner_text()
        axe(second)
        shot(second, "roster-second")
    found = re.search(r"since (\d\d:\d\d)", text)
    kolkata = ZoneInfo("Asia/Kolkata")
    assert found
    assert found[1] in {f"{at.astimezone(kolkata):%H:%M}" for at in (since, timezone.now())}
    expect(first.locator("body")).to_contain_text("Roster applied: 1 person")
    second.get_by_label("File").set_input_files(roster)
    second.get_by_role("button", name="Show what it changes").click()
    expect(second.locator("main")).to_contain_text("Nothing to change: every row is as the directory has it.")


def test_the_coordinator_sees_who_has_not_confirmed(here: World, page_as: PageAs) -> None:
    placed(here.site)
    lead, coordinator = here.users["lead"], here.users["coordinator"]
    page = page_as(coordinator, reverse("partners:attestations"))
    row = page.get_by_role("row", name=re.compile(here.site.name))
    expect(row).to_contain_text(lead.name)
    expect(row).to_contain_text("Overdue")
    expect(page.locator(".head")).to_contain_text("1 site has not confirmed last week")
    assert page.get_by_role("button", name="No unreported leavers").count() == 0
    axe(page)
    mine = page_as(lead, reverse("partners:attestations"))
    mine.get_by_role("button", name=re.compile("No unreported leavers")).nth(1).click()
    expect(mine.locator("body")).to_contain_text("Confirmed.")
    page.reload()
    expect(row).to_contain_text("Confirmed")
    expect(page.locator(".head")).not_to_contain_text("has not confirmed last week")
