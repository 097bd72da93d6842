"""A form whose token changed at a sign-in: told apart from a refusal, and sent again for nobody else than it was typed by."""

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/cases/EC-1/"}
TOLD = ("X-Sign-In", "X-Somebody-Else", "X-Out-Of-Date")


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def client(user: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def sent(client: Client, reader: object, **more: str) -> tuple[int, dict[str, str]]:
    """Status and what is told of a form that is sent from a page made for `reader`."""
    response = client.post("/cases/EC-1/note/", {"text": "Called"}, headers={**HTMX, "X-Reader": str(reader), **more})
    return response.status_code, {name: response[name] for name in TOLD if name in response}


def test_an_old_token_is_told_apart_and_a_new_one_is_to_be_had(client: Client, user: User) -> None:
    assert sent(client, user.pk) == (403, {"X-Out-Of-Date": "1"})
    got = client.get("/ui/token/", headers={**HTMX, "X-Reader": str(user.pk)})
    assert "no-store" in got["Cache-Control"]
    fresh = {"X-CSRFToken": got.json()["token"]}
    assert sent(client, user.pk, **fresh) == (404, {}), "past the token: there is no such case"


def test_nothing_is_done_for_another_than_the_page_was_made_for(client: Client, user: User) -> None:
    fresh = {"X-CSRFToken": client.get("/ui/token/", headers=HTMX).json()["token"]}
    for reader in (user.pk + 1, "", "x"):
        assert sent(client, reader) == (409, {"X-Somebody-Else": "1"})
        assert sent(client, reader, **fresh) == (409, {"X-Somebody-Else": "1"})
        for asked in ("/ui/token/", "/ui/counts/", "/"):
            got = client.get(asked, headers={**HTMX, "X-Reader": str(reader)})
            assert (got.status_code, got.content) == (409, b"")


def test_whoever_signed_out_meanwhile_is_led_to_the_sign_in_whatever_the_token() -> None:
    place = "/accounts/login/?next=%2Fcases%2FEC-1%2F"
    assert sent(Client(enforce_csrf_checks=True), 1) == (401, {"X-Sign-In": place})
    assert sent(Client(), 1) == (401, {"X-Sign-In": place})


def test_without_script_the_page_says_it(client: Client) -> None:
    response = client.post("/cases/EC-1/note/", {"text": "Called"})
    assert response.status_code == 403
    assert "Not saved: the form was too old" in response.content.decode()
