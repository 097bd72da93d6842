"""Tokens end with the sessions of their person: whoever took an account over keeps no way in."""

from collections.abc import Callable

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import Client

from portal.accounts.actions import reset_second_factor
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from portal.api.models import ApiToken
from tests.factories.accounts import PASSWORD, administrator, somebody, with_second_factor
from tests.factories.api import Program

pytestmark = pytest.mark.django_db
NEW = "a wholly new passphrase"


def sign_out_everywhere(user: User) -> None:
    client = Client()
    client.force_login(user)
    assert client.post("/account/sessions/end/").status_code == 302
    assert client.get("/account/").status_code == 200


def change_password(user: User) -> None:
    client = Client()
    client.force_login(user)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", form).status_code == 302


def choose_password_by_mail(user: User) -> None:
    client, key = Client(), f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    form = client.get(f"/accounts/password/reset/key/{key}/")["Location"]
    assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 302


def lose_the_second_factor(user: User) -> None:
    with_second_factor(user)
    reset_second_factor(actor=actor_for(administrator()), user_id=user.pk)


@pytest.mark.parametrize("how", [sign_out_everywhere, change_password, choose_password_by_mail, lose_the_second_factor])
def test_a_persons_tokens_end_and_nobody_elses(
    how: Callable[[User], None], program: Program, coordinator: User
) -> None:
    other = Program(somebody("coordinator"))
    assert program.get("/cases").status_code == 200
    how(coordinator)
    assert program.get("/cases").json()["code"] == "bad_token"
    assert ApiToken.objects.get(user=coordinator).revoked_at is not None
    assert other.get("/cases").status_code == 200


def test_a_wrong_old_password_ends_nothing(program: Program, coordinator: User) -> None:
    client = Client()
    client.force_login(coordinator)
    client.post("/accounts/password/change/", {"oldpassword": "x", "password1": NEW, "password2": NEW})
    assert program.get("/cases").status_code == 200
