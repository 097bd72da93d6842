"""A matter from its first word to its end, as people live it: by mail, through the API and from a chat."""

import json
import time

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from escalations.models import Case, ChannelMessage
from portal.webhooks.signing import headers_for
from tests.browser.casework import (
    SUBJECT,
    Office,
    answered,
    asked,
    briefed,
    handed_over,
    here,
    known,
    marked_triaged,
    office,
    open_from_queue,
    token_of,
    triaged,
    worked_along,
)
from tests.browser.conftest import PageAs
from tests.browser.helpers import PHONE, fits, shot
from tests.databases import Database
from tests.escalations.pages_world import World
from tests.escalations.processes import run
from tests.factories.accounts import PASSWORD
from tests.factories.channels import ChannelEndpointFactory, said
from tests.factories.mailbox import message

__all__ = ["here", "office"]
pytestmark = [pytest.mark.processes, pytest.mark.browser]


def test_a_mail_becomes_a_case_and_is_seen_to_its_end(office: Office, page_as: PageAs) -> None:
    users = office.world.users
    office.inbox.put(message("The door code does not work.", subject=SUBJECT, headers={"Message-ID": "<first@guest>"}))
    office.polled()
    page = page_as(users["coordinator"], "/queue/")
    ref = open_from_queue(page)
    shot(page, "walk-case-new")
    triaged(page, office)
    page = page_as(users["associate"], "/queue/?tab=mine")
    open_from_queue(page)
    worked_along(page)
    known(page)
    asked(page, page_as(users["other_associate"]))
    taker = page_as(users["service_lead"])
    handed_over(page, taker, office)
    ours = answered(taker, office, ref)
    thanks = {"Message-ID": "<second@guest>", "In-Reply-To": ours, "References": f"<first@guest> {ours}"}
    office.inbox.put(message("Thank you, we are in.", subject=f"Re: {SUBJECT}", headers=thanks))
    office.polled()
    briefed(taker, ref)
    expect(taker.locator("article", has_text="Thank you, we are in.")).to_be_visible()
    shot(taker, "walk-case")
    taker.locator("#quick-verb").click()
    expect(taker.locator("#case-head")).to_contain_text("Resolved")
    shot(taker, "walk-case-resolved")
    phone = page_as(users["service_lead"], f"/cases/{ref}/", viewport=PHONE, color_scheme="dark")
    expect(phone.locator("#playbook")).to_contain_text("2 of 3")
    fits(phone)
    shot(phone, "walk-case-phone")
    office.polled()
    assert Case.objects.get().state == "resolved"


def test_a_case_through_the_api_is_one_in_the_queue(here: World, page_as: PageAs, settings: Settings) -> None:
    # Kept as the portal itself keeps passwords; tests hash them faster, which it would not know.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    user = here.users["coordinator"]
    user.set_password(PASSWORD)
    user.save()
    page = page_as(user, "/account/tokens/")
    headers = {"Authorization": f"Bearer {token_of(page)}", "Idempotency-Key": "matter-1"}
    body = {
        "service": "social",
        "site": here.site.code,
        "subject": SUBJECT,
        "description": "No way in.",
        "channel": "phone",
    }
    program = page_as(None, "/accounts/login/").request
    first, again = (program.post("/api/v1/cases", headers=headers, data=body) for _twice in range(2))
    assert (first.status, again.status, again.json()) == (201, 201, first.json())
    page.goto("/queue/")
    ref = open_from_queue(page)
    assert (ref, Case.objects.count()) == (first.json()["ref"], 1)
    expect(page.locator("#case-main")).to_contain_text("No way in.")
    marked_triaged(page)


def test_a_signed_message_of_a_chat_is_one_case_in_the_queue(
    fresh_database: Database, here: World, page_as: PageAs
) -> None:
    endpoint = ChannelEndpointFactory(service=here.service, site=here.site, name="Guest chat")
    caller = page_as(None, "/accounts/login/").request
    body = json.dumps(said(text=SUBJECT)).encode()
    for _twice in range(2):
        signed = headers_for(endpoint.secrets()[0], "msg-1", int(time.time()), body)
        headers = {**signed, "Content-Type": "application/json"}
        assert caller.post(f"/hooks/in/{endpoint.key}/", headers=headers, data=body).status == 202
        run(fresh_database, "from escalations.tasks import take_messages; take_messages()")
    assert (Case.objects.count(), ChannelMessage.objects.get().state) == (1, "done")
    page = page_as(here.users["coordinator"], "/queue/")
    # A site reads the subject, so that no word of the customer stands there.
    open_from_queue(page, "Guest chat")
    expect(page.locator("article", has_text=SUBJECT)).to_contain_text("Live chat")
    expect(page.locator("article")).to_have_count(1)
    marked_triaged(page)
