"""Channels and events of cases in a real browser: a new endpoint is tried at once, and how the pages look."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PageAs
from tests.browser.helpers import looks_right
from tests.escalations.pages_world import World, world
from tests.factories.channels import ChannelEndpointFactory, bring, knock, listener, take
from tests.factories.webhooks import WebhookTargetFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def here(fresh_database: object) -> World:
    return world()


def test_an_endpoint_is_made_and_brings_its_first_case(here: World, page_as: PageAs) -> None:
    page = page_as(here.users["administrator"], "/channels/")
    page.keyboard.press("c")
    page.get_by_label("Service", exact=True).select_option(label="Social media")
    page.get_by_label("Kind").select_option(label="Live chat")
    page.get_by_label("Name", exact=True).fill("Guest chat")
    page.get_by_role("button", name="Create endpoint").click()
    expect(page.locator("#secret-value")).to_contain_text("whsec_")
    secret = page.locator("#secret-value").inner_text()
    page.get_by_role("link", name="Channels").first.click()
    row = here.service.channels.get()
    assert knock(row, secret=secret).status_code == 202
    take()
    page.get_by_role("link", name="Guest chat").click()
    expect(page.locator("section:has(#figures) dl")).to_contain_text("Messages1")
    expect(page.locator("body")).not_to_contain_text("whsec_")


def test_how_the_pages_look(here: World, page_as: PageAs) -> None:
    row = ChannelEndpointFactory(service=here.service, name="Guest chat")
    bring(row)
    knock(row, {"conversation": {"id": "c-1"}, "message": {"id": "m-1", "from": "mei"}})
    row.give_secret("whsec_x")
    row.save()
    heard = listener(WebhookTargetFactory(name="Warehouse").pk, here.service, here.other_service)
    urls = ("/channels/", "/channels/new/", f"/channels/{row.pk}/", "/channels/messages/", "/case-events/", "/case-events/new/",
            f"/case-events/{heard.pk}/", f"/case-events/{heard.pk}/change/")  # fmt: skip
    page = page_as(here.users["administrator"], urls[0])
    for number, url in enumerate(urls):
        page.goto(url)
        looks_right(page, f"channels-{number}")
