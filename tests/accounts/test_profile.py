"""One's own page, and the language and zone that follow from it."""

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.factories.accounts import PASSWORD, UserFactory, somebody

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
FORM = {"name": "Mei Lin", "language": "zh-hans", "time_zone": "asia/shanghai", "shortcuts_enabled": ""}


def test_what_is_saved_holds_for_the_next_page(signed_in: SignedIn) -> None:
    user = UserFactory(name="Old Name")
    client = signed_in(user)
    assert client.post("/account/", FORM)["Location"] == "/account/"
    page = client.get("/account/")

    user.refresh_from_db()
    assert (user.name, user.language, user.time_zone, user.shortcuts_enabled) == (
        "Mei Lin",
        "zh-hans",
        "Asia/Shanghai",
        False,
    )
    assert page["Content-Language"] == "zh-hans"
    assert '<html lang="zh-Hans"' in page.content.decode()
    assert 'data-shortcuts="off"' in page.content.decode()


def test_the_trail_says_what_changed_but_not_the_name(signed_in: SignedIn) -> None:
    user = UserFactory(name="Old Name")
    client = signed_in(user)
    client.post("/account/", FORM)
    client.post("/account/", FORM)

    [entry] = AuditEntry.objects.filter(verb="user.profile_changed")
    assert entry.changes == {
        "language": ["en", "zh-hans"],
        "time_zone": ["UTC", "Asia/Shanghai"],
        "shortcuts_enabled": [True, False],
        "name": True,
    }


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("time_zone", "Mars/Olympus", "Choose a time zone from the list"),
        ("time_zone", "../../etc/passwd", "Choose a time zone from the list"),
        ("time_zone", "x\x00", "Null characters"),
        ("language", "tlh", "Select a valid choice"),
        ("name", "", "This field is required"),
        ("name", "n" * 10_000, "at most 120 characters"),
    ],
)
def test_odd_input_is_said_at_its_field(signed_in: SignedIn, field: str, value: str, message: str) -> None:
    user = UserFactory()
    response = signed_in(user).post("/account/", FORM | {field: value})

    assert response.status_code == 422
    assert message in response.content.decode()
    user.refresh_from_db()
    assert user.language == "en"


def test_signed_out_the_browser_and_the_cookie_say_the_language(client: Client) -> None:
    assert client.get("/accounts/login/")["Content-Language"] == "en"
    assert (
        client.get("/accounts/login/", headers={"Accept-Language": "zh-CN,zh;q=0.9"})["Content-Language"] == "zh-hans"
    )
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/accounts/login/", headers={"Accept-Language": "en"})
    assert page["Content-Language"] == "zh-hans"
    assert {"Accept-Language", "Cookie"} <= {part.strip() for part in page["Vary"].split(",")}


def test_a_zone_that_the_machine_does_not_know_is_utc(signed_in: SignedIn) -> None:
    user = UserFactory(time_zone="Mars/Olympus")

    assert signed_in(user).get("/account/").status_code == 200


def test_signing_out_everywhere_else_keeps_this_browser(signed_in: SignedIn) -> None:
    user = somebody(Role.COORDINATOR)
    here, there = signed_in(user), signed_in(user)
    here.post("/account/sessions/end/")

    assert here.get("/account/").status_code == 200
    assert there.get("/account/")["Location"].startswith("/accounts/login/")


def test_changing_the_password_ends_other_sessions(signed_in: SignedIn) -> None:
    user = somebody(Role.COORDINATOR)
    here, there = signed_in(user), signed_in(user)
    new = "a wholly new passphrase"
    wrong = here.post("/accounts/password/change/", {"oldpassword": "x", "password1": new, "password2": new})
    assert wrong.status_code == 200
    assert "error" in wrong.content.decode()
    assert (
        here.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
        ).status_code
        == 302
    )

    assert here.get("/account/").status_code == 200
    assert there.get("/account/")["Location"].startswith("/accounts/login/")
    assert client_can_sign_in(user, new)


def client_can_sign_in(user: User, password: str) -> bool:
    return Client().login(email=user.email, password=password)


@pytest.mark.parametrize("path", ["stand-ins/", "stand-ins/1/cancel/", "sessions/end/"])
def test_following_a_link_changes_nothing(path: str, signed_in: SignedIn) -> None:
    assert signed_in(UserFactory()).get(f"/account/{path}").status_code == 405
