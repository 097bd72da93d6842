"""Whatever is sent to the pages: an answer, never a failure of ours, and nothing half-written."""

import string
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escalations.choices import Channel, Direction, Impact, Outcome, Sensitivity, Signal, State, Urgency, Verb
from escalations.choices.queue import Age, Tab
from escalations.models import Case
from tests.escalations.pages_world import HTMX, World, world

pytestmark = pytest.mark.django_db

NASTY = st.one_of(
    st.sampled_from(
        [
            "", " ", "0", "-1", "1e9", "9" * 18, "9" * 19, "9" * 400, "None", "null", "true", "[]", "{}", "\x00", "a\x00b", "٣", "１",
            "9999-12-31T23:59:59", "=1+1", "<script>", "' OR 1=1 --", "%", "_", "\\", "\ud800".encode("utf-8", "replace").decode(),
            "🦄" * 300, "永" * 5000, "EC-1", "EC-" + "9" * 18, "../../etc", "NaN", "Infinity", "\r\nX: y",
        ]
    ),
    st.text(max_size=60),
    st.integers(min_value=-(2**70), max_value=2**70).map(str),
)  # fmt: skip
WORDS = st.sampled_from(
    [
        str(v)
        for kind in (Age, Channel, Direction, Impact, Outcome, Sensitivity, Signal, State, Tab, Urgency, Verb)
        for v in kind.values
    ]
)
VALUE = st.one_of(NASTY, WORDS)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Fields that the pages know, for forms and query strings alike.
FIELDS = (
    "tab", "service", "state", "severity", "site", "owner", "issue", "age", "q", "cursor", "v", "op", "case", "next", "show", "version",
    "verb", "reason", "reject_reason", "note", "impact", "urgency", "signals", "override", "override_reason", "text", "shared", "channel",
    "direction", "outcome", "subject", "description", "issue_type", "customer_ref", "contact_hint", "sensitivity", "token", "watch",
    "user", "grant", "do", "ref", "upheld", "name", "name_zh", "code", "calendar", "parent", "archived", "people-now", "minor-week",
)  # fmt: skip
DATA = st.dictionaries(st.sampled_from(FIELDS), st.lists(VALUE, min_size=1, max_size=3), max_size=14)
FINE = {200, 204, 302, 303, 400, 403, 404, 405, 409, 422}


@pytest.fixture
def here() -> World:
    return world()


@pytest.fixture
def case(here: World) -> Case:
    return here.case(by="agent")


def addresses(case: Case, here: World) -> list[str]:
    """Every address of the wing, with rows that exist."""
    names = (
        "queue",
        "queue-rows",
        "queue-filter",
        "queue-export",
        "bulk",
        "case-new",
        "severity-preview",
        "undo",
        "break-glass",
    )
    found = [reverse(f"escalations:{name}") for name in names]
    found += [
        reverse(f"escalations:{name}")
        for name in ("break-glass-reviews", "restricted", "services", "service-new", "issue-types", "issue-type-new")
    ]
    parts = (
        "",
        "assign/",
        "severity/",
        "state/",
        "contact/",
        "escalate/",
        "details/",
        "service/",
        "sensitivity/",
        "note/",
        "watch/",
        "access/",
    )
    found += [f"/cases/{case.ref}/{part}" for part in parts]
    return [*found, *(f"/services/{here.service.code}/{part}" for part in ("", "matrix/", "archive/"))]


@pytest.fixture
def clients(here: World) -> dict[str, Client]:
    return {who: here.client(who) for who in ("coordinator", "service_lead", "lead", "administrator")}


@pytest.fixture
def undone() -> Iterator[Any]:
    """Each example in a savepoint of its own, taken back afterwards."""

    def run(ask: Any) -> Any:
        with transaction.atomic():
            answer = ask()
            transaction.set_rollback(True)
        return answer

    yield run
    assert not connection.needs_rollback


@given(
    data=DATA,
    who=st.sampled_from(["coordinator", "service_lead", "lead", "administrator"]),
    htmx=st.booleans(),
    pick=st.integers(0, 99),
)
@QUICK
def test_any_query_string(
    here: World, case: Case, clients: dict[str, Client], undone: Any, data: Any, who: str, htmx: bool, pick: int
) -> None:
    every = addresses(case, here)
    address = every[pick % len(every)]
    answer = undone(lambda: clients[who].get(address, data, headers=HTMX if htmx else {}))
    assert answer.status_code in FINE, (address, data)


@given(
    data=DATA,
    who=st.sampled_from(["coordinator", "service_lead", "lead", "administrator"]),
    htmx=st.booleans(),
    pick=st.integers(0, 99),
)
@settings(QUICK, max_examples=120)
def test_any_form(
    here: World, case: Case, clients: dict[str, Client], undone: Any, data: Any, who: str, htmx: bool, pick: int
) -> None:
    every = addresses(case, here)
    address = every[pick % len(every)]
    answer = undone(lambda: clients[who].post(address, data, headers=HTMX if htmx else {}))
    assert answer.status_code in FINE, (address, data)


@given(path=st.one_of(st.text(alphabet=string.ascii_letters + string.digits + "-_.٣%", min_size=1, max_size=30), NASTY))
@settings(QUICK, max_examples=25)
def test_any_reference(clients: dict[str, Client], here: World, path: str) -> None:
    from urllib.parse import quote

    answer = clients["coordinator"].get(f"/cases/{quote(path, safe='')}/")
    assert answer.status_code in {200, 302, 400, 404}


def test_too_much_is_refused_before_anything_is_read(clients: dict[str, Client], case: Case) -> None:
    answer = clients["coordinator"].post(f"/cases/{case.ref}/note/", {"text": "x" * (10 * 1024 * 1024), "shared": "0"})
    assert answer.status_code in (400, 413, 422)
    long = clients["coordinator"].post(f"/cases/{case.ref}/note/", {"text": "x" * 20_001, "shared": "0"})
    assert long.status_code == 422
    assert "at most 20000 characters" in long.content.decode()
    nul = clients["coordinator"].post(f"/cases/{case.ref}/note/", {"text": "a\x00b", "shared": "0"})
    assert nul.status_code == 422
    assert "Null characters are not allowed." in nul.content.decode()


def test_a_cursor_of_somebody_elses_making_is_a_bad_request(clients: dict[str, Client]) -> None:
    for cursor in ("x", "WyJuZXh0IiwgMV0", "%00", "A" * 3000):
        assert clients["coordinator"].get("/queue/", {"cursor": cursor}).status_code == 400


def test_an_undo_of_somebody_elses_making_is_not_there(clients: dict[str, Client]) -> None:
    for token in ("", "x", "a:b:c", "\x00"):
        assert clients["coordinator"].post(f"/cases/undo/?token={token}").status_code == 404
