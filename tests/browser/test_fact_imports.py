"""A file of figures from upload to the pages, in a real browser."""

import pytest
from playwright.sync_api import FilePayload, expect

from kpis.models import ContactInterval
from portal.accounts.models import User
from tests.browser.conftest import PageAs, administrator
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, focused, shot
from tests.databases import Database
from tests.factories.partners import ProgrammeFactory, QueueFactory, SiteFactory

pytestmark = pytest.mark.browser
NEW = "/performance/imports/new/"
HEAD = "site,programme,queue,starts_at,seconds,offered,answered\n"
GOOD = "CTU,CARE,VOICE,2026-11-02 09:00,1800,10,9\nCTU,CARE,VOICE,2026-11-02 09:30,1800,12,10\n"
BAD = "CTU,CARE,VOICE,2026-11-02 10:00,1800,5,9\nNOWHERE,CARE,VOICE,2026-11-02 10:00,1800,5,4\n"


@pytest.fixture
def manager(fresh_database: Database) -> User:
    """An administrator over one queue."""
    place = SiteFactory(code="CTU", name="Chengdu", name_zh="成都", time_zone="Asia/Shanghai")
    QueueFactory(programme=ProgrammeFactory(site=place, code="CARE"), code="VOICE")
    return administrator()


def file_of(name: str, text: str) -> FilePayload:
    """A file to upload."""
    return FilePayload(name=name, mimeType="text/csv", buffer=(HEAD + text).encode())


def test_a_file_is_checked_its_faults_are_shown_and_the_good_rows_go_in(manager: User, page_as: PageAs) -> None:
    page = page_as(manager, "/performance/imports/")
    expect(page.get_by_text("No imports yet")).to_be_visible()
    shot(page, "imports_none")
    page.keyboard.press("c")
    page.wait_for_url(f"**{NEW}")
    page.get_by_role("button", name="Check the file").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#id_file")).to_have_attribute("aria-invalid", "true")
    axe(page)
    shot(page, "import_error")
    page.locator("#id_kind").select_option("contacts")
    page.locator("#id_file").set_input_files(file_of("november.csv", GOOD + BAD))
    page.get_by_role("button", name="Check the file").press("Enter")
    page.wait_for_url("**/performance/imports/*/")
    expect(page.get_by_role("table").first).to_be_visible()
    assert not ContactInterval.objects.exists()
    axe(page)
    shot(page, "import_faults")
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark")
    fits(page)
    shot(page, "import_faults_phone_dark")
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    assert "NOWHERE" in download.value.path().read_text(encoding="utf-8-sig")
    page.locator("#apply-good").press("Enter")
    expect(page.get_by_text("Applied: 2 rows")).to_be_visible()
    assert ContactInterval.objects.count() == 2
    shot(page, "import_applied")
    assert focused(page) == "BODY"


def test_imports_in_chinese_on_a_phone(manager: User, page_as: PageAs) -> None:
    manager.language = "zh-hans"
    manager.save()
    for name, url in {"imports": "/performance/imports/", "import_new": NEW}.items():
        page = page_as(manager, url, viewport=PHONE)
        fits(page)
        shot(page, f"{name}_phone_zh")
        page.context.close()
