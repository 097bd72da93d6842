"""An administrator gives a bundle another version and sees whom it changes; a lead goes through the first checks."""

import pytest
from playwright.sync_api import Page, expect

from access_requests.models import TroubleReport
from partners.models import Site
from portal.accounts.models import User
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, Scheme, axe, fits, shot
from tests.factories.access import EntitlementFactory, GrantFactory, GrantReasonFactory, SystemFactory, bundle_of
from tests.factories.partners import JobRoleFactory, PlacementFactory, SiteFactory, user

pytestmark = pytest.mark.browser
SIZES = [(DESKTOP, "light"), (PHONE, "dark"), (DESKTOP, "dark"), (PHONE, "light")]


def looked_at(page: Page, name: str, scheme: Scheme) -> None:
    axe(page)
    fits(page)
    page.emulate_media(color_scheme=scheme)
    shot(page, name)


@pytest.mark.parametrize(("viewport", "scheme"), SIZES)
def test_another_version_proposes_what_changes_for_people_already_there(
    page_as: PageAs, viewport: dict[str, int], scheme: Scheme
) -> None:
    admin: User = user("administrator")
    names = ("Single sign-on", "Case desk", "Telephony and softphone", "Payments console", "Quality tool")
    tools = [EntitlementFactory.create(name="Agent", system=SystemFactory.create(name=name)) for name in names]
    bundle = bundle_of(*tools[:3], job_role=JobRoleFactory.create(name="Agent"), name="Agents", birthright=True)
    for name in ("Chengdu", "Dalian"):
        site: Site = SiteFactory.create(name=name)
        for _ in range(3):
            person = PlacementFactory.create(site=site, job_role=bundle.job_role).person
            for tool in tools[:3]:
                grant = GrantFactory.create(person=person, entitlement=tool)
                GrantReasonFactory.create(grant=grant, kind="bundle", bundle=bundle)
    size = f"{viewport['width']}-{scheme}"
    page = page_as(admin, f"/access/config/bundles/{bundle.code}/", viewport=viewport, color_scheme=scheme)
    looked_at(page, f"bundle-{size}", scheme)
    page.get_by_role("link", name="New version").click()
    looked_at(page, f"version-{size}", scheme)
    page.get_by_label("Quality tool: Agent").check()
    page.get_by_label("Telephony and softphone: Agent").uncheck()
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("Access of 6 people changes.")).to_be_visible()
    expect(page.get_by_text("2 requests are sent, one for each site.")).to_be_visible()
    expect(page.get_by_role("row", name="Quality tool: Agent 6 people get it")).to_be_visible()
    expect(page.get_by_role("row", name="Telephony and softphone: Agent 6 people lose it")).to_be_visible()
    looked_at(page, f"version-preview-{size}", scheme)
    page.get_by_role("button", name="Save version").click()
    expect(page.locator("#toasts")).to_contain_text("2 requests were sent")
    looked_at(page, f"bundle-saved-{size}", scheme)
    page.goto("/access/requests/")
    looked_at(page, f"bundle-requests-{size}", scheme)


@pytest.mark.parametrize(("viewport", "scheme"), SIZES[:2])
def test_first_checks_one_at_a_time(page_as: PageAs, viewport: dict[str, int], scheme: str) -> None:
    site: Site = SiteFactory.create(name="Chengdu")
    person = PlacementFactory.create(site=site).person
    SystemFactory.create(name="VPN", first_checks=["Look at the lamp of the box", "Restart the VPN client"])
    size = f"{viewport['width']}-{scheme}"
    page = page_as(user("partner_lead", site=site), "/access/trouble/new/", viewport=viewport, color_scheme=scheme)
    looked_at(page, f"trouble-what-{size}", scheme)
    page.get_by_role("link", name="VPN or network").click()
    looked_at(page, f"trouble-where-{size}", scheme)
    page.get_by_label("System").select_option(label="VPN")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Tried it: still not working").click()
    page.get_by_role("button", name="Cannot try this").click()
    expect(page.get_by_role("heading", name="First check 3 of 7")).to_be_visible()
    looked_at(page, f"trouble-check-{size}", scheme)
    page.get_by_role("button", name="Tried it: still not working").click()
    page.get_by_role("link", name="Report it without further checks").click()
    looked_at(page, f"trouble-report-{size}", scheme)
    page.get_by_label("For whom").select_option(label=person.name)
    page.get_by_role("button", name="Send to IT").click()
    expect(page.get_by_text("Look at the lamp of the box")).to_be_visible()
    looked_at(page, f"trouble-sent-{size}", scheme)
    found = TroubleReport.objects.get()
    assert (found.checks, found.tried.count()) == (["internet"], 1)
