"""Every address as every role, and as strangers: what each may open, and that no address is left out of the table."""

import copy
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.web.matrix import MATRIX, Row
from tests.web.world import ANONYMOUS, ROLES, Everything, everything

WINGS = ("account", "accounts", "audit", "escalations", "home", "mfa", "notifications", "partners", "sla", "ui")


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
    assert {wing_of(name) for name in MATRIX} == set(WINGS)


@pytest.mark.django_db
@pytest.mark.parametrize("wing", WINGS)
def test_who_may_open_what(wing: str) -> None:
    made = everything()
    wrong = []
    for name, row in MATRIX.items():
        if wing_of(name) == wing:
            wrong += _differences(made, name, row)
    assert wrong == []


def _differences(made: Everything, name: str, row: Row) -> list[str]:
    url = reverse(name, kwargs=made.args[row.args] if row.args else None)
    found = []
    for method, wanted in (("get", row.get), ("post", row.post)):
        got = [answer(made.clients[role], method, url) for role in ROLES]
        if got != wanted:
            found.append(f"{method.upper()} {name}: {' '.join(map(str, got))}")
    return found


@pytest.mark.django_db
def test_the_roles_of_the_matrix_are_signed_in() -> None:
    """Otherwise a whole column of refusals would prove nothing."""
    made = everything()
    for role in ROLES:
        page = made.clients[role].get(reverse("home:day"))
        assert page.status_code == (302 if role == ANONYMOUS else 200), role
