"""Every address as every role, and as strangers: what each may open, and that no address is left out of the table."""

import copy
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from tests.web.matrix import MATRIX, Row
from tests.web.world import ANONYMOUS, ROLES, Everything, everything


def addresses(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The names of all addresses, with their namespaces."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def wing_of(name: str) -> str:
    """The first word of an address's name."""
    return name.partition(":")[0] if ":" in name else name.partition("_")[0]


WINGS = sorted({wing_of(name) for name in MATRIX})


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    """The world, built once and taken back after the last test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield everything()
        transaction.set_rollback(True)


@pytest.fixture
def made(built: Everything, db: None) -> Everything:
    """The same for one test, in a savepoint."""
    return built


class _TakenBackError(Exception):
    """Undoes what a request wrote."""


def answer(client: Client, method: str, url: str) -> int:
    """The status of one request, whose writes are taken back, and whose cookies are forgotten."""
    status, cookies = 0, copy.deepcopy(client.cookies)
    try:
        with transaction.atomic():
            status = getattr(client, method)(url).status_code
            raise _TakenBackError
    except _TakenBackError:
        client.cookies = cookies
        return status


def test_every_address_is_in_the_matrix() -> None:
    assert sorted(set(addresses())) == sorted(MATRIX)


@pytest.mark.parametrize("wing", WINGS)
def test_who_may_open_what(made: Everything, wing: str) -> None:
    wrong = []
    for name, row in MATRIX.items():
        if wing_of(name) == wing:
            wrong += _differences(made, name, row)
    assert wrong == []


def _differences(made: Everything, name: str, row: Row) -> list[str]:
    url = reverse(name, kwargs=made.args[row.args] if row.args else None)
    found = []
    for method, wanted in (("get", row.get), ("post", row.post)):
        roles = asked(wanted)
        got = {role: answer(made.clients[role], method, url) for role in roles}
        if got != {role: status for role, status in zip(ROLES, wanted, strict=True) if role in roles}:
            found.append(f"{method.upper()} {name}: {got}")
    return found


def asked(wanted: list[int]) -> tuple[str, ...]:
    """Who asks: everybody, but where an address does not know the method, which it says before it looks who asks."""
    return (ANONYMOUS, "administrator", "coordinator", "stand_in") if set(wanted) == {405} else ROLES


def test_the_roles_of_the_matrix_are_signed_in(made: Everything) -> None:
    """Otherwise a whole column of refusals would prove nothing."""
    for role in ROLES:
        page = made.clients[role].get(reverse("home:day"))
        assert page.status_code == (302 if role == ANONYMOUS else 200), role
