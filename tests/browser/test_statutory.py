"""Marking a case as a regulated complaint in its dialog, and pages of deadlines by law on wide and narrow screens."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django import Settings

from escalations import actions
from escalations.actions import evidence
from escalations.models import Case, Jurisdiction
from escalations.queries.statutory import duties_of
from escalations.rendering.evidence import build
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, fits
from tests.escalations.pages_world import World, world
from tests.factories.statutory import ACK, jurisdiction_with

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


@pytest.fixture
def law(here: World) -> Jurisdiction:
    return jurisdiction_with(ack=5, interim=15, final=56)


@pytest.fixture
def complaint(here: World, law: Jurisdiction) -> Case:
    """One that was acknowledged."""
    case, worker = here.case(), here.actor("associate")
    received = timezone.now() - timedelta(days=3)
    actions.regulate(actor=worker, ref=case.pk, jurisdiction_id=law.pk, received_at=received, complaint_ref="FOS-77")
    actions.answer_by_law(
        actor=worker, ref=case.pk, duties=[ACK], sent_at=timezone.now(), sent_by="Legal", channel="letter",
        upload=SimpleUploadedFile("a letter with a long name that goes on.txt", b"Dear customer\n"),
    )  # fmt: skip
    return case


def test_a_case_is_marked_in_a_dialog_and_its_clocks_begin(here: World, law: Jurisdiction, page_as: PageAs) -> None:
    case = here.case()
    page = page_as(here.users["associate"], f"/cases/{case.ref}/regulate/")
    page.get_by_label("Jurisdiction").select_option(str(law.pk))
    received = timezone.now() - timedelta(days=1)
    page.get_by_label("Received").fill(received.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Start its deadlines").click()
    rail = page.locator("#clocks")
    for name in ("Acknowledgement by law", "Interim response by law", "Final response by law"):
        expect(rail.get_by_text(name)).to_be_visible()
    expect(rail.get_by_text("cannot be paused")).to_have_count(3)
    rail.get_by_role("link", name="Deadlines by law").first.click()
    expect(page.get_by_role("heading", name="Record an answer")).to_be_visible()


def test_a_contact_is_ticked_as_the_answer_in_its_dialog(here: World, complaint: Case, page_as: PageAs) -> None:
    page = page_as(here.users["associate"], f"/cases/{complaint.ref}/contact/")
    page.get_by_label("Channel").select_option("phone")
    page.get_by_label("Outcome").select_option("reached")
    page.get_by_label("What was said").fill("We will pay it back.")
    expect(page.get_by_label("This is the acknowledgement by law")).to_have_count(0)
    page.get_by_label("This is the interim response by law").check()
    page.get_by_role("button", name="Log contact").click()
    expect(page.get_by_text("Contact logged")).to_be_visible()
    page.goto(f"/cases/{complaint.ref}/deadlines/")
    expect(page.get_by_label("Final response by law")).to_be_visible()
    expect(page.get_by_label("Interim response by law")).to_have_count(0)


def test_the_list_of_packs_goes_on_by_itself(here: World, page_as: PageAs, settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT, case = tmp_path / "files", here.case()
    actions.ask_pack(actor=here.actor("associate"), ref=case.pk, reason="The regulator asks")
    page = page_as(here.users["associate"], f"/cases/{case.ref}/evidence/")
    expect(page.get_by_text("A pack is being made.")).to_be_visible()
    evidence.make_packs(build)
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.get_by_text("A pack is being made.")).to_have_count(0)
    expect(page.locator("[data-poll][hx-get*=evidence]")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_its_pages_fit(
    here: World, law: Jurisdiction, complaint: Case, page_as: PageAs, viewport: dict[str, int], language: str
) -> None:
    reader = here.users["service_lead"]
    # As long as the names of zones become, and none of these clocks shows the same time.
    reader.language, reader.time_zone = language, "America/Argentina/ComodRivadavia"
    reader.save(update_fields=["language", "time_zone"])
    actions.ask_pack(actor=here.actor("service_lead"), ref=complaint.pk, reason="The regulator asks")
    page = page_as(here.users["service_lead"], f"/cases/{complaint.ref}/", viewport=viewport)
    for path in ("", "deadlines/", "evidence/", "pack/", "regulate/"):
        page.goto(f"/cases/{complaint.ref}/{path}")
        fits(page)
    for view in duties_of(complaint.pk):
        page.goto(reverse("sla:clock", args=[view.id]))
        fits(page)
    admin = page_as(here.users["administrator"], "/jurisdictions/", viewport=viewport)
    for path in ("/jurisdictions/", "/jurisdictions/new/", f"/jurisdictions/{law.pk}/"):
        admin.goto(path)
        fits(admin)
