"""Administrators see nothing before they have a second factor, and do not lose it by a click."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts import actions
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for, has_second_factor
from portal.accounts.rules import RefusedError
from portal.audit.models import AuditEntry
from tests.factories.accounts import PASSWORD, DelegationFactory, administrator, code_of, somebody, with_second_factor

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]
ACTIVATE = "/accounts/2fa/totp/activate/"


def _log_in(user: User) -> Client:
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def _confirm(client: Client) -> None:
    """Enter the password again, as every delicate page asks."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.mark.parametrize(
    "path", ["/", "/account/", "/account/users/", "/audit/", "/accounts/password/change/", "/accounts/2fa/"]
)
def test_without_one_an_administrator_gets_to_its_activation_only(path: str, signed_in: SignedIn) -> None:
    client = signed_in(somebody(Role.ADMINISTRATOR))

    assert client.get(path)["Location"] == ACTIVATE
    assert client.post(path)["Location"] == ACTIVATE
    assert client.get(path, headers={"HX-Request": "true"})["HX-Redirect"] == ACTIVATE


def test_setting_it_up_opens_the_door(
    django_capture_on_commit_callbacks: Callable[..., object], mails: Callable[[], list[dict[str, str]]]
) -> None:
    user = somebody(Role.ADMINISTRATOR)
    client = _log_in(user)
    _confirm(client)
    page = client.get(ACTIVATE).content.decode()
    secret = re.search(r'id="key" value="(\w+)"', page)
    assert secret
    assert 'src="data:image/svg+xml;base64,' in page
    assert "This code is not right" in client.post(ACTIVATE, {"code": "000000"}).content.decode()

    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(ACTIVATE, {"code": code_of(secret[1])})["Location"] == "/accounts/2fa/recovery-codes/"
    codes = re.findall(r"<li>(\d+)</li>", client.get("/accounts/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10
    assert client.get("/account/users/").status_code == 200
    assert codes[0] in client.get("/accounts/2fa/recovery-codes/download/").content.decode()
    added = AuditEntry.objects.filter(actor_id=user.pk, verb="user.second_factor_added")
    assert [entry.changes["factor"] for entry in added.order_by("pk")] == ["totp", "recovery_codes"]
    assert "authenticator app" in mails()[0]["text"]

    again = _log_in(user)
    assert again.post("/accounts/2fa/authenticate/", {"code": codes[0]})["Location"] == "/"
    assert again.get("/account/users/").status_code == 200
    third = _log_in(user)
    assert third.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 200, (
        "a recovery code works once"
    )


def test_an_administrator_cannot_take_it_off() -> None:
    user = administrator()
    client = _log_in(user)
    client.post("/accounts/2fa/authenticate/", {"code": code_of()})
    _confirm(client)

    assert "Administrators need a second factor." in client.get("/accounts/2fa/totp/deactivate/").content.decode()
    assert "Administrators need a second factor." in client.post("/accounts/2fa/totp/deactivate/").content.decode()
    assert has_second_factor(user.pk)


def test_others_may() -> None:
    user = somebody(Role.COORDINATOR)
    client = _log_in(user)
    assert client.get("/account/").status_code == 200, "no second factor is asked of them"
    with_second_factor(user)
    _confirm(client)

    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert not has_second_factor(user.pk)


def test_a_stand_in_of_an_administrator_is_no_administrator(signed_in: SignedIn) -> None:
    delegate = somebody(Role.COORDINATOR)
    DelegationFactory(principal=administrator(), delegate=delegate)

    assert signed_in(delegate).get("/account/users/").status_code == 404
    assert signed_in(delegate).get("/account/").status_code == 200


def test_another_administrator_removes_a_lost_one(signed_in: SignedIn) -> None:
    admin, other = administrator(), administrator("Bo Admin")
    client = signed_in(other)
    assert client.get("/account/").status_code == 200

    actions.reset_second_factor(actor=actor_for(admin), user_id=other.pk)

    assert not has_second_factor(other.pk)
    assert client.get("/account/")["Location"].startswith("/accounts/login/")
    with pytest.raises(RefusedError, match="not_yourself"):
        actions.reset_second_factor(actor=actor_for(admin), user_id=admin.pk)


def test_something_delicate_asks_for_the_password_again(signed_in: SignedIn) -> None:
    client = signed_in(somebody(Role.COORDINATOR))
    location = client.get(ACTIVATE)["Location"]

    assert location.startswith("/accounts/reauthenticate/")
    assert "This is not your password." in client.post(location, {"password": "wrong"}).content.decode()
    assert client.post(location, {"password": PASSWORD})["Location"] == ACTIVATE


def test_asking_for_a_new_password_does_not_stand_in_its_way() -> None:
    user = somebody(Role.ADMINISTRATOR)
    Client().post("/accounts/password/reset/", {"email": user.email})
    client = _log_in(user)
    _confirm(client)

    assert 'id="key"' in client.get(ACTIVATE).content.decode()
