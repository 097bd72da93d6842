"""A lead brings a roster in a real browser; its pages fit a phone and pass the accessibility checks."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import PageAs
from tests.browser.helpers import axe, fits, shot
from tests.escalations.pages_world import World, world
from tests.factories.partners import PlacementFactory, ProgrammeFactory, TeamFactory, placed

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def test_a_lead_uploads_looks_and_is_told_what_to_fix(here: World, page_as: PageAs, tmp_path: Path) -> None:
    team = TeamFactory(programme=ProgrammeFactory(site=here.site), name="Lotus")
    wang = placed(here.site, name="Wang Fang", email="wang@bw.example")
    PlacementFactory(
        person=placed(here.site, name="Li Na"), site=here.site, team=team, programme=team.programme, kind="loan"
    )
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "employee_no,name,email,team,first_day\n"
        "BW-1,Chen Jie,chen@bw.example,Lotus,2026-11-24\n"
        "BW-2,Wang Fang,,Lotus,\n"
        "BW-3,Zhao Min,zhao@bw.example,Lotus,03/04/2027\n",
        encoding="utf-8",
    )
    page = page_as(here.users["lead"])
    page.goto(reverse("partners:roster_new"))
    axe(page)
    shot(page, "roster-new")
    page.get_by_label("File").set_input_files(roster)
    page.get_by_role("button", name="Show what it changes").click()
    expect(page.locator("main")).to_contain_text("2 rows need you before the roster can be applied")
    expect(page.locator("main")).to_contain_text("may be 4 Mar 2027 or 3 Apr 2027")
    axe(page)
    fits(page)
    shot(page, "roster")
    page.get_by_label("Somebody on file may be meant").select_option(str(wang.pk))
    page.get_by_role("button", name="Save decisions").click()
    expect(page.locator("main")).to_contain_text("1 row needs you")
    for width, path in (
        (390, page.url),
        *((390, reverse(f"partners:{name}")) for name in ("roster_new", "rosters", "attestations")),
    ):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        page.goto(path)
        fits(page)
        axe(page)
        shot(page, f"rosters-{path.strip('/').replace('/', '-')[-12:]}-phone")
    page.set_viewport_size({"width": 1440, "height": 900})
    for name in ("roster", "chart", "movement"):
        page.goto(reverse(f"partners:site_{name}", args=[here.site.code]))
        axe(page)
        fits(page)
        shot(page, f"site-{name}")
    page.goto(reverse("partners:attestations"))
    shot(page, "leavers")
