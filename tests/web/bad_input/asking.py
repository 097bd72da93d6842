"""Asking an address as somebody, whose writes are taken back, and what must not come of it."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from portal.ui.charsets import readable
from tests.web.matrix import MATRIX
from tests.web.world import ANONYMOUS, ROLES, Everything

FINE = {200, 204, 301, 302, 303, 304, 400, 403, 404, 405, 409, 410, 413, 415, 416, 422, 429}


def best(row: Any, statuses: list[int]) -> str:
    """Somebody who gets further than a redirect or a refusal at this address; the administrator where nobody does."""
    for wanted in (200, 422, 409, 302):
        for role, status in reversed(list(zip(ROLES, statuses, strict=True))):
            if status == wanted and role not in (ANONYMOUS, "stand_in", "foreign_coordinator", "foreign_lead"):
                return role
    return "administrator"


def doors(made: Everything) -> Iterator[tuple[str, str, str, Any]]:
    """Name, address, and who may read and write there, for every address."""
    for name, row in MATRIX.items():
        yield name, reverse(name, kwargs=made.args[row.args] if row.args else None), best(row, row.get), row


def ask(client: Client, method: str, *args: Any, **kwargs: Any) -> Any:
    """One request, whose writes are taken back; the connection must be usable afterwards."""
    cookies = client.cookies.output()
    with transaction.atomic():
        if "content_type" in kwargs:
            kwargs["content_type"] = readable(kwargs["content_type"])
        answer = getattr(client, method)(*args, **kwargs)
        if answer.streaming:
            b"".join(answer)
        usable = not connection.needs_rollback
        transaction.set_rollback(True)
    if client.cookies.output() != cookies:
        _restore(client, cookies)
    assert usable, args
    return answer


def _restore(client: Client, cookies: str) -> None:
    from http.cookies import SimpleCookie

    client.cookies = SimpleCookie("\n".join(line.removeprefix("Set-Cookie: ") for line in cookies.splitlines()))


def wrong(answer: Any, *about: object) -> list[str]:
    """A line if this is no answer of ours: a failure, or a refusal without a page."""
    # Who is asked for a token is told so, as RFC 9110 wants it; tests/api send bad input with one.
    asks_for_a_token = answer.status_code == 401 and "WWW-Authenticate" in answer.headers
    if answer.status_code not in FINE and not asks_for_a_token:
        return [f"{answer.status_code} {about}"]
    silent = answer.status_code >= 400 and not answer.streaming and not answer.content
    return [f"empty {answer.status_code} {about}"] if silent else []
