"""The way in on an empty installation."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.queries import actor_for
from tests.factories.accounts import PASSWORD, administrator, somebody

pytestmark = pytest.mark.django_db


def _run(email: str) -> str:
    out = StringIO()
    call_command("first_admin", email, stdout=out)
    found = re.search(r"http://localhost:8000(/account/invitation/\S+)", out.getvalue())
    assert found, out.getvalue()
    return found[1]


def _accept(link: str) -> None:
    Client().post(link, {"password1": PASSWORD, "password2": PASSWORD})


def test_the_printed_link_makes_an_administrator() -> None:
    _accept(_run("ada@example.test"))
    user = User.objects.get(email="ada@example.test")

    assert user.has_usable_password()
    assert actor_for(user).has(Role.ADMINISTRATOR)
    with pytest.raises(CommandError, match="There is an administrator already"):
        _run("other@example.test")


def test_a_wrongly_typed_address_is_put_right() -> None:
    wrong = _run("adda@example.test")
    right = _run("ada@example.test")

    assert Client().get(wrong).status_code == 410
    assert not actor_for(User.objects.get(email="adda@example.test")).has(Role.ADMINISTRATOR)
    _accept(right)
    assert actor_for(User.objects.get(email="ada@example.test")).has(Role.ADMINISTRATOR)


def test_asked_twice_the_newest_link_counts() -> None:
    first, second = _run("ada@example.test"), _run("ADA@example.test")

    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200


def test_with_an_administrator_it_refuses() -> None:
    administrator()
    with pytest.raises(CommandError, match="invite from the portal"):
        _run("other@example.test")


def test_it_makes_nobody_an_administrator_who_is_here_already() -> None:
    user = somebody(Role.AGENT)
    with pytest.raises(CommandError):
        _run(user.email)
    assert not actor_for(user).has(Role.ADMINISTRATOR)


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(CommandError, match="Not an e-mail address"):
        call_command("first_admin", "ada")
