"""A lead asks for access for a wave of joiners, from the list to the request's page, and reports a leaver."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from partners.models import Person, Site
from portal.accounts.models import User
from tests.browser.conftest import PageAs
from tests.browser.helpers import DESKTOP, PHONE, axe, fits, shot
from tests.factories.access import (
    EntitlementFactory,
    GrantFactory,
    GrantReasonFactory,
    SodRuleFactory,
    SystemFactory,
    bundle_of,
)
from tests.factories.partners import (
    EngagementFactory,
    JobRoleFactory,
    PersonFactory,
    PlacementFactory,
    SiteFactory,
    user,
)

pytestmark = pytest.mark.browser
NAMES = ("Wang Fang", "Liu Yang", "Chen Jie", "Zhang Li", "Zhao Min", "Wu Qiang", "Zhou Ting", "Xu Lei")


def agent(site: Site, name: str, number: str) -> Person:
    person: Person = PersonFactory.create(name=name, email=f"{number.lower()}@bluewave.example")
    EngagementFactory.create(person=person, employer=site.partner, employee_number=number)
    PlacementFactory.create(person=person, site=site)
    return person


def wave(site: Site) -> list[Person]:
    """Eight agents whose job brings four kinds of access; the first has something that does not go with one of them."""
    tools = {
        name: EntitlementFactory.create(name="Agent", system=SystemFactory.create(name=name, lead_minutes=minutes))
        for name, minutes in (("Single sign-on", 60), ("Case desk", 120), ("Telephony", 960), ("Payments console", 480))
    }
    bundle_of(*list(tools.values())[:3], job_role=JobRoleFactory.create(), name="Agents", birthright=True)
    bundle_of(tools["Payments console"], job_role=JobRoleFactory.create(), name="Payments", site=site)
    people = [agent(site, name, f"BW-{2198 + n}") for n, name in enumerate(NAMES)]
    refund = EntitlementFactory.create(name="Approve refunds", system=tools["Case desk"].system)
    GrantReasonFactory.create(grant=GrantFactory.create(person=people[0], entitlement=refund))
    SodRuleFactory.create(left=tools["Payments console"], right=refund, name="Pay and approve")
    return people


def looked_at(page: Page, name: str) -> None:
    axe(page)
    fits(page)
    shot(page, name)


@pytest.mark.parametrize(("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_a_lead_asks_for_a_wave_of_joiners(page_as: PageAs, viewport: dict[str, int], scheme: str) -> None:
    site: Site = SiteFactory.create(name="Chengdu")
    lead: User = user("partner_lead", site=site)
    wave(site)
    size = f"{viewport['width']}-{scheme}"
    page = page_as(lead, "/access/requests/", viewport=viewport, color_scheme=scheme)
    page.get_by_role("link", name="New request").click()
    looked_at(page, f"request-type-{size}")
    page.get_by_text("New agents starting work").click()
    page.get_by_role("button", name="Continue").click()
    rows = [f"BW-{2198 + n}\t{name}" for n, name in enumerate(NAMES)]
    rows[3] = "BW-2201\tHe Peng"
    page.get_by_label("Paste the list").fill("\n".join(["employee_no\tname", *rows, "BW-9999\tNobody"]))
    page.get_by_label("Day of the first shift").fill((timezone.now() + timedelta(days=9)).date().isoformat())
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="2 of 9 rows need a fix")).to_be_visible()
    looked_at(page, f"request-people-{size}")
    page.get_by_role("button", name="Continue with 7 ready rows").click()
    expect(page.get_by_role("heading", name="1 conflict")).to_be_visible()
    looked_at(page, f"request-access-{size}")
    page.get_by_role("button", name="Continue").click()
    looked_at(page, f"request-review-{size}")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#toasts")).to_contain_text("sent.")
    looked_at(page, f"request-page-{size}")
    page.goto("/access/requests/")
    expect(page.get_by_role("cell", name="Chen Jie and 6 others")).to_be_visible()
    looked_at(page, f"request-list-{size}")


def test_a_leaver_is_reported_in_two_clicks(page_as: PageAs) -> None:
    site: Site = SiteFactory.create(name="Chengdu")
    first = wave(site)[0]
    page = page_as(user("partner_lead", site=site), f"/directory/people/{first.pk}/")
    shot(page, "person-1440")
    page.get_by_role("link", name="Report as leaver").click()
    expect(page.get_by_text("Case desk: Approve refunds")).to_be_visible()
    looked_at(page, "leaver-1440")
    page.get_by_role("button", name="Report now").click()
    expect(page.locator("#toasts")).to_contain_text("all access of Wang Fang ends")
