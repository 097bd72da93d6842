"""Signing in, as a browser does it."""

import re
from collections.abc import Callable

import pytest
import time_machine
from django.test import Client

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from tests.factories.accounts import PASSWORD, UserFactory, code_of, somebody, with_second_factor

pytestmark = pytest.mark.django_db
Mails = Callable[[], list[dict[str, str]]]
LOGIN = "/accounts/login/"
WRONG = "E-mail address and password do not fit together."


def _sign_in(client: Client, email: str, password: str = PASSWORD) -> str:
    """The address one ends at, or the text of the page that refuses."""
    response = client.post(LOGIN, {"login": email, "password": password})
    return response["Location"] if response.status_code == 302 else response.content.decode()


def _verbs(user: User) -> list[str]:
    return list(
        AuditEntry.objects.filter(subject_type="user", subject_id=user.pk).order_by("pk").values_list("verb", flat=True)
    )


def test_signing_in_and_out(client: Client) -> None:
    user = somebody(Role.COORDINATOR)

    assert _sign_in(client, user.email.upper()) == "/"
    assert client.get("/account/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200, "a GET only asks"
    assert client.get("/account/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/account/")["Location"] == f"{LOGIN}?next=/account/"
    assert _verbs(user) == ["user.signed_in", "user.signed_out"]


def test_afterwards_one_is_where_one_wanted_to_go_but_not_elsewhere(client: Client) -> None:
    user = UserFactory()
    form = {"login": user.email, "password": PASSWORD}

    assert client.post(LOGIN, {**form, "next": "/account/users/"})["Location"] == "/account/users/"
    client.logout()
    assert client.post(LOGIN, {**form, "next": "https://evil.example/"})["Location"] == "/"


def test_nobody_finds_out_who_is_here(client: Client, mails: Mails) -> None:
    here, invited, left = (
        UserFactory(),
        User.objects.create_user("new@example.test", "New"),
        UserFactory(is_active=False),
    )
    answers = {re.sub(r'(csrfmiddlewaretoken" value=|value=)"[^"]*"', "", _sign_in(Client(), email, "wrong password"))
               for email in (here.email, invited.email, left.email, "nobody@example.test")}  # fmt: skip
    assert len(answers) == 1
    assert WRONG in answers.pop()

    pages = set()
    for email in (here.email, invited.email, left.email, "nobody@example.test"):
        response = client.post("/accounts/password/reset/", {"email": email})
        pages.add((response.status_code, response["Location"]))
    assert pages == {(302, "/accounts/password/reset/done/")}
    assert [mail["to"] for mail in mails()] == [here.email]


def test_a_failure_is_noted_with_the_person(client: Client) -> None:
    user = UserFactory()
    _sign_in(client, user.email, "wrong password")
    _sign_in(client, "nobody@example.test", "wrong password")

    assert list(AuditEntry.objects.values_list("verb", "subject_id", "actor_id")) == [
        ("user.sign_in_failed", user.pk, None)
    ]


def test_a_deactivated_user_does_not_get_in(client: Client) -> None:
    user = UserFactory(is_active=False)

    assert _sign_in(client, user.email) == "/accounts/inactive/"
    assert "not active" in client.get("/accounts/inactive/").content.decode()
    assert "_auth_user_id" not in client.session


def test_after_five_failures_the_right_password_does_not_help_for_a_while(client: Client) -> None:
    user = UserFactory()
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as clock:
        for _ in range(5):
            assert WRONG in _sign_in(client, user.email, "wrong password")
        assert "Too many failed attempts" in _sign_in(client, user.email)
        clock.shift(301)
        assert _sign_in(client, user.email) == "/"


def test_one_address_cannot_try_everybody(client: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False):
        for n in range(10):
            _sign_in(client, f"nobody{n}@example.test", "wrong password")
        assert "Too many failed attempts" in _sign_in(client, UserFactory().email)
        assert _sign_in(Client(REMOTE_ADDR="192.0.2.7"), UserFactory().email) == "/"


def test_a_second_factor_is_asked_for(client: Client) -> None:
    user = somebody(Role.COORDINATOR)
    with_second_factor(user)

    assert _sign_in(client, user.email) == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    assert "authenticator app" in client.get("/accounts/2fa/authenticate/").content.decode()
    refused = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert "This code is not right" in refused
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of()})["Location"] == "/"
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_code_is_good_for_one_sign_in() -> None:
    user = UserFactory()
    with_second_factor(user)
    with time_machine.travel("2026-03-02 09:00Z", tick=False):
        answers = []
        for client in (Client(), Client()):
            _sign_in(client, user.email)
            answers.append(client.post("/accounts/2fa/authenticate/", {"code": code_of()}).status_code)
    assert answers == [302, 200]


def test_a_forgotten_password_is_replaced_once(client: Client, mails: Mails) -> None:
    user = UserFactory()
    client.post("/accounts/password/reset/", {"email": user.email}, headers={"host": "localhost"})
    found = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+/)", mails()[-1]["text"])
    assert found
    form = client.get(found[1])["Location"]
    assert "Choose a new password" in client.get(form).content.decode()
    new = "a wholly new passphrase"
    assert client.post(form, {"password1": new, "password2": new})["Location"].endswith("/done/")

    assert not Client().login(email=user.email, password=PASSWORD)
    assert Client().login(email=user.email, password=new)
    assert "This link opens nothing" in Client().get(found[1]).content.decode()
    assert "user.password_reset" in _verbs(user)


@pytest.mark.parametrize("key", ["1-x", "zzzzzzzzzzzzz-abc-def", "1-" + "a" * 199, "0-set-password"])
def test_a_wrong_reset_link_is_a_message(key: str, client: Client) -> None:
    response = client.get(f"/accounts/password/reset/key/{key}/")

    assert response.status_code == 200
    assert "This link opens nothing" in response.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "confirm-email/x/",
        "password/set/",
        "3rdparty/",
        "login/code/",
        "2fa/webauthn/",
    ],
)
def test_what_is_not_used_does_not_exist(path: str, client: Client) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("value", ["\x00", "a" * 100_000, "<script>alert(1)</script>", "=1+1", "名字@例子.测试"])
def test_odd_input_is_refused_at_its_field(value: str, client: Client) -> None:
    for path, field in ((LOGIN, "login"), ("/accounts/password/reset/", "email")):
        response = client.post(path, {field: value, "password": value})
        assert response.status_code == 200
        text = response.content.decode()
        assert 'role="alert"' in text
        assert "<script>alert" not in text
