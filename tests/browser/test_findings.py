"""What was seen in a shadowing becomes a finding, and a practice goes to another site: by keyboard, on a phone, in Chinese."""

import pytest
from playwright.sync_api import expect

from portal.accounts.choices import Role
from portal.notifications.delivery.fanout import fan_out_batch
from reviews.models import Engagement, Finding, Observation, Sharing, Theme
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE, axe, fits, looks_right, shot
from tests.factories.accounts import MembershipFactory
from tests.factories.partners import SiteFactory
from tests.factories.reviews import EngagementFactory
from tests.reviews.visiting import World

pytestmark = pytest.mark.browser


class Two(World):
    """Chengdu, where a shadowing was, and Manila of another partner; the coordinator looks after both."""

    def __init__(self) -> None:
        super().__init__()
        self.rival = SiteFactory.create(name="Manila", name_zh="马尼拉")
        MembershipFactory.create(user=self.coordinator, role=Role.COORDINATOR, site=self.rival)
        self.their_lead = self.person("Ana Cruz", Role.PARTNER_LEAD, self.rival)
        Theme.objects.update_or_create(code="soft-skills", defaults={"name": "Tone", "name_zh": "语气"})
        self.shadowing: Engagement = EngagementFactory.create(
            kind="shadowing", title="Shadowing", site=self.site, time_zone="Asia/Shanghai"
        )


@pytest.fixture
def here(fresh_database: object) -> Two:
    return Two()


def test_from_an_observation_to_the_answer_of_another_site(here: Two, page_as: PageAs) -> None:
    page = page_as(here.coordinator, f"/reviews/meetings/{here.shadowing.pk}/")
    page.get_by_role("link", name="Observations").press("Enter")
    expect(page.get_by_text("Nothing observed yet")).to_be_visible()
    page.get_by_role("button", name="Keep observation").press("Enter")
    expect(page.get_by_label("What was observed")).to_have_attribute("aria-invalid", "true")
    looks_right(page, "observations_error")
    page.get_by_label("Theme").focus()
    page.keyboard.type("Tone")
    page.get_by_label("What was observed").fill("They stand together at noon")
    page.get_by_label("Quote").fill("Ten minutes, every day")
    page.get_by_role("button", name="Keep observation").press("Enter")
    expect(page.locator("blockquote")).to_have_text("“Ten minutes, every day”")
    looks_right(page, "observations")
    page.get_by_role("link", name="Make a finding of this").press("Enter")
    expect(page.get_by_label("What was found")).to_have_value("They stand together at noon\n\n“Ten minutes, every day”")
    page.get_by_label("Kind").select_option(label="Best practice")
    page.get_by_role("button", name="Keep finding").press("Enter")
    expect(page.get_by_label("Title")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Title").fill("Huddles at noon")
    looks_right(page, "finding_form")
    page.get_by_label("Title").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Huddles at noon")
    assert Finding.objects.get().observation == Observation.objects.get()
    looks_right(page, "finding")
    page.get_by_role("link", name="Share with other sites").press("Enter")
    page.get_by_label("Manila").press("Space")
    looks_right(page, "share")
    page.get_by_role("button", name="Share").press("Enter")
    expect(page.get_by_text("Offered to 1 site")).to_be_visible()
    while fan_out_batch():
        pass

    theirs = page_as(here.their_lead, "/inbox/")
    expect(theirs.locator("#main")).to_contain_text("“Huddles at noon” was offered to your site")
    theirs.get_by_role("link", name="Huddles at noon").first.press("Enter")
    expect(theirs.locator("#main")).to_contain_text("A site of the network")
    expect(theirs.locator("#main")).not_to_contain_text("Chengdu")
    theirs.get_by_label("Adapt").press("Space")
    theirs.get_by_label("Why, or how").fill("Twice a day")
    looks_right(theirs, "practice")
    theirs.get_by_role("button", name="Keep answer").press("Enter")
    expect(theirs.get_by_text("Answer kept")).to_be_visible()
    assert Sharing.objects.get().adoption == "adapt"
    page.reload()
    expect(page.locator("#main")).to_contain_text("Adapt")


def test_keys_go_through_the_list_of_findings(here: Two, page_as: PageAs) -> None:
    for title in ("First", "Second"):
        Finding.objects.create(site=here.site, kind="finding", title=title, by=here.coordinator)
    page = page_as(here.coordinator, "/reviews/findings/")
    looks_right(page, "findings")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    page.goto("/reviews/findings/")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", level=1)).to_have_text("New finding")


def test_practices_on_a_phone_in_chinese(here: Two, page_as: PageAs) -> None:
    here.their_lead.language = "zh-hans"
    here.their_lead.save()
    found = Finding.objects.create(site=here.site, kind="practice", title="Huddles at noon", by=here.coordinator)
    Sharing.objects.create(finding=found, site=here.rival, shared_by=here.coordinator)
    page = page_as(here.their_lead, "/reviews/practices/", viewport=PHONE, has_touch=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("分享的做法")
    fits(page)
    axe(page)
    page.get_by_role("link", name="Huddles at noon").tap()
    expect(page.locator("#main")).to_contain_text("马尼拉")
    page.get_by_text("采用", exact=True).tap()
    page.locator("#id_why").fill("每天两次")
    fits(page)
    axe(page)
    shot(page, "practice_chinese_phone")
    page.locator("#main form button[type=submit]").tap()
    expect(page.locator(".toast")).to_be_visible()
    assert Sharing.objects.get().why == "每天两次"
