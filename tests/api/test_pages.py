"""The pages about tokens, and the reference."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.api.models import ApiToken
from tests.factories.accounts import PASSWORD, administrator, somebody
from tests.factories.api import READ, WRITE, ApiTokenFactory, Program

pytestmark = pytest.mark.django_db
AGAIN = "/accounts/reauthenticate/"
FORM = {"name": "Feed of the day", "scopes": [READ], "days": "30"}


@pytest.fixture
def browser(coordinator: User) -> Client:
    client = Client()
    client.force_login(coordinator)
    client.post(AGAIN, {"password": PASSWORD})
    return client


def test_a_new_token_asks_for_the_password_again_and_then_goes_on(coordinator: User) -> None:
    client = Client()
    client.force_login(coordinator)
    asked = client.post(reverse("api:tokens"), FORM)
    assert asked["Location"] == f"{AGAIN}?next=%2Faccount%2Ftokens%2F"
    assert client.post(asked["Location"], {"password": "wrong"}).status_code == 200
    assert not ApiToken.objects.exists()
    page = client.post(asked["Location"], {"password": PASSWORD})
    assert page.context["text"] in page.content.decode()
    assert ApiToken.objects.get().name == FORM["name"]
    assert client.post(reverse("api:tokens"), FORM | {"name": "Another"}).status_code == 200, "for some minutes"


def test_a_password_said_long_ago_is_asked_for_again(browser: Client) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        assert browser.post(reverse("api:tokens"), FORM)["Location"].startswith(AGAIN)
    assert not ApiToken.objects.exists()


def test_a_token_is_made_shown_once_and_opens(browser: Client) -> None:
    page = browser.post(reverse("api:tokens"), FORM)
    text = page.context["text"]
    assert text in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert Program(None, text=text).get("/cases").status_code == 200
    again = browser.get(reverse("api:tokens")).content.decode()
    assert text not in again
    assert "Feed of the day" in again
    assert ApiToken.objects.get().prefix in again


def test_what_does_not_fit_is_said_at_its_field(browser: Client) -> None:
    for change, field in (
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["all"]}, "scopes"),
        ({"days": "999"}, "days"),
    ):
        page = browser.post(reverse("api:tokens"), FORM | change)
        assert page.status_code == 422
        assert list(page.context["form"].errors) == [field]
    assert not ApiToken.objects.exists()


def test_a_token_is_revoked_by_its_person_and_by_administrators(browser: Client, coordinator: User) -> None:
    ada = Client()
    ada.force_login(administrator())
    for client, where in ((browser, "own"), (ada, "all")):
        program = Program(coordinator)
        answer = client.post(reverse("api:token_revoke", args=[program.token.pk]), {"list": where})
        assert answer["Location"] == reverse("api:tokens" if where == "own" else "api:all_tokens")
        assert program.get("/cases").status_code == 401
    page = ada.get(reverse("api:all_tokens")).content.decode()
    assert page.count("Revoked") == 2
    assert "Cora Coordinator" in page


def test_one_that_has_ended_is_not_revoked_again(browser: Client, coordinator: User) -> None:
    token = ApiTokenFactory(user=coordinator, revoked_at=timezone.now() + timedelta(seconds=1))
    page = browser.post(reverse("api:token_revoke", args=[token.pk]), follow=True)
    assert "This token has ended already." in page.content.decode()


def test_somebody_elses_tokens_are_not_there(coordinator: User) -> None:
    token = ApiTokenFactory(user=coordinator, name="Secret feed")
    other = Client()
    other.force_login(somebody("coordinator"))
    assert "Secret feed" not in other.get(reverse("api:tokens")).content.decode()
    assert other.post(reverse("api:token_revoke", args=[token.pk])).status_code == 404
    assert other.post(f"/account/tokens/{10**30}/revoke/").status_code == 404
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize(
    ("role", "offered"),
    [("partner_agent", {READ, WRITE}), ("auditor", {READ}), ("partner_qa", {READ, WRITE}), ("it_fulfilment", set())],
)
def test_the_form_offers_what_a_role_can_use(role: str, offered: set[str]) -> None:
    client = Client()
    client.force_login(somebody(role))
    page = client.get(reverse("api:tokens"))
    assert {key for key, _label in page.context["form"].fields["scopes"].choices} == offered
    assert ("Your roles give nothing" in page.content.decode()) == (not offered)


def test_the_reference_names_every_route_and_field(browser: Client) -> None:
    page = browser.get(reverse("api_v1:reference")).content.decode()
    for word in (
        "GET /api/v1/cases",
        "POST /api/v1/cases/{ref}/entries",
        "Idempotency-Key",
        "customer_ref",
        "cases:write",
        "next_due_at",
        "429",
    ):
        assert word in page, word
    assert "<script>" not in page


def test_the_document_is_for_tokens_and_for_people(browser: Client, coordinator: User) -> None:
    url = reverse("api_v1:openapi")
    document = browser.get(url).json()
    assert document["openapi"] == "3.1.0"
    assert set(document["paths"]) == {
        "/api/v1/cases", "/api/v1/cases/{ref}", "/api/v1/cases/{ref}/clocks", "/api/v1/cases/{ref}/entries",
    }  # fmt: skip
    assert Program(coordinator, scopes=(WRITE,)).get("/openapi.json").json() == document
    refused = Program(None, text="pop_unknown").get("/openapi.json")
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")


def test_the_profile_leads_to_the_tokens(browser: Client) -> None:
    assert reverse("api:tokens") in browser.get(reverse("accounts:profile")).content.decode()
