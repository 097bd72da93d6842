"""The page of the trail, and what others show of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from django.utils.translation import pgettext

from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM, Actor
from portal.audit import registry
from portal.audit.actions import record, record_many
from portal.audit.context import request_id
from portal.audit.models import AuditEntry
from portal.audit.queries import audit_of
from portal.audit.registry import Named
from portal.audit.wording import listed
from tests.factories.accounts import UserFactory, administrator, somebody

pytestmark = pytest.mark.django_db


_TABLES = (
    registry._verbs,
    registry._subjects,
    registry._fields,
    registry._values,
    registry._field_subjects,
    registry._aliases,
)


@pytest.fixture(autouse=True)
def words() -> Iterator[None]:
    """A kind of object, a verb and a field of its own."""
    kept = [dict(found) for found in _TABLES]
    registry.register_verbs({"thing.painted": "Painted"})
    registry.register_subject("thing", "Thing", lambda ids: {pk: Named(f"T-{pk}", f"/things/{pk}/") for pk in ids})
    registry.register_field("colour", "Colour", [("r", "red"), ("g", "green")])
    yield
    for found, before in zip(_TABLES, kept, strict=True):
        found.clear()
        found.update(before)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def client() -> Client:
    return _signed_in(administrator())


def _paint(number: int, by: int | None = None, behalf: int | None = None, **changes: object) -> None:
    record(
        actor=Actor(by, principal_id=behalf),
        verb="thing.painted",
        subject_type="thing",
        subject_id=number,
        changes=changes,
    )


def _things(client: Client, query: str = "") -> list[str]:
    response = client.get(f"/audit/?{query}")
    assert response.status_code == 200
    return [line.subject.text for line in response.context["lines"] if line.subject.text.startswith("T-")]


def test_an_entry_reads_as_a_sentence(client: Client) -> None:
    by, behalf = UserFactory(name="Bo"), UserFactory(name="Ann")
    _paint(7, by.pk, behalf.pk, colour=["r", "g"], size=3)
    text = " ".join(client.get("/audit/?verb=thing.painted").content.decode().split())

    for part in ("Bo for Ann", "Painted", '<a href="/things/7/">T-7</a>', "Colour: red → green", "size: 3"):
        assert part in text
    _paint(8)
    assert "The system" in client.get("/audit/?subject_type=thing&subject_id=8").content.decode()


def test_ids_are_names_and_instants_are_the_readers(client: Client) -> None:
    User.objects.filter(name="Ada Admin").update(time_zone="Asia/Shanghai")
    registry.register_field("ends_at", "Until")
    registry.register_field("helper_id", "Helper", subject="user")
    _paint(7, thing_id=[7, 8], helper_id=UserFactory(name="Bo").pk, ends_at="2026-03-02T20:00:00+00:00", old_at="then")
    text = " ".join(client.get("/audit/?verb=thing.painted").content.decode().split())

    for part in ("Until: 2026-03-03 04:00", "Helper: Bo", "thing_id: T-7 → T-8", "old_at: then"):
        assert part in text
    assert text.index("Until:") < text.index("Helper:") < text.index("thing_id:")


def test_filters(client: Client) -> None:
    by, behalf = UserFactory(name="Bo Painter"), UserFactory(name="Ann")
    with time_machine.travel("2026-03-02 23:30Z", tick=False):
        _paint(1, by.pk)
    with time_machine.travel("2026-03-03 00:30Z", tick=False):
        _paint(2, by.pk, behalf.pk)
    _paint(3)

    assert _things(client, "verb=thing.painted") == ["T-3", "T-2", "T-1"]
    assert _things(client, "actor=painter") == ["T-2", "T-1"]
    assert _things(client, f"actor={behalf.email}") == ["T-2"]
    assert _things(client, "actor=nobody+at+all") == []
    assert _things(client, "subject_type=thing&subject_id=3") == ["T-3"]
    assert _things(client, "since=2026-03-02&until=2026-03-02") == ["T-1"]
    assert _things(client, "until=2026-03-03") == ["T-2", "T-1"]
    User.objects.filter(name="Ada Admin").update(time_zone="Asia/Shanghai")
    assert _things(client, "since=2026-03-03&until=2026-03-03") == ["T-2", "T-1"], "days are those of the reader"


@pytest.mark.parametrize(
    "query",
    ["verb=x", "subject_id=-1", "subject_id=99999999999999999999", "subject_id=x", "since=tomorrow", "actor=%00",
     "since=2026-03-03&until=2026-03-02", "actor=" + "a" * 9000],
)  # fmt: skip
def test_odd_filters_are_said_at_their_field(client: Client, query: str) -> None:
    _paint(1)
    response = client.get(f"/audit/?{query}")

    assert response.status_code == 200
    assert 'class="error"' in response.content.decode()
    assert response.context["lines"] == []


@pytest.mark.parametrize("query", ["since=9999-12-31", "until=9999-12-31", "since=0001-01-01", "until=0001-01-01"])
@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_the_ends_of_time_are_no_error(client: Client, query: str, zone: str) -> None:
    User.objects.filter(name="Ada Admin").update(time_zone=zone)

    assert client.get(f"/audit/?{query}").status_code == 200


def test_pages(client: Client) -> None:
    record_many(actor=SYSTEM, verb="thing.painted", subject_type="thing", changes_by_id={n: {} for n in range(1, 121)})
    first = client.get("/audit/?verb=thing.painted")
    second = client.get(f"/audit/?verb=thing.painted&cursor={first.context['page'].next_cursor}")
    third = client.get(f"/audit/?verb=thing.painted&cursor={second.context['page'].next_cursor}")
    back = client.get(f"/audit/?verb=thing.painted&cursor={third.context['page'].prev_cursor}")

    shown = [[line.subject.text for line in page.context["lines"]] for page in (first, second, third, back)]
    assert [len(page) for page in shown] == [50, 50, 20, 50]
    assert [*shown[0], *shown[1], *shown[2]] == [f"T-{n}" for n in range(120, 0, -1)]
    assert shown[3] == shown[1]
    assert third.context["page"].next_cursor is None
    assert first.context["page"].prev_cursor is None
    assert client.get("/audit/?cursor=%00").status_code == 400


def test_the_page_costs_the_same_for_one_and_for_many(client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/audit/?verb=thing.painted")
        return len(queries)

    _paint(1, UserFactory().pk)
    cost()
    one = cost()
    for n in range(40):
        _paint(n + 2, UserFactory().pk, UserFactory().pk)
    assert cost() == one <= 12


@pytest.mark.parametrize("role", list(Role))
def test_administrators_and_auditors_read_it_and_nobody_else(role: Role) -> None:
    client = _signed_in(administrator() if role == Role.ADMINISTRATOR else somebody(role))

    assert client.get("/audit/").status_code == (200 if role in {Role.ADMINISTRATOR, Role.AUDITOR} else 404)
    assert Client().get("/audit/")["Location"] == "/accounts/login/?next=/audit/"


def test_what_was_done_to_one_object_in_the_readers_words() -> None:
    _paint(1, colour=["r", None])
    _paint(2)
    with translation.override("zh-hans"):
        [line] = audit_of("thing", 1)

    assert (str(line.verb), line.subject.url) == ("Painted", "/things/1/")
    assert (line.changes[0].old, line.changes[0].new) == ("red", "–")


def test_an_object_or_verb_that_nobody_named_is_shown_as_it_is(client: Client) -> None:
    record(actor=Actor(999_999), verb="old.verb", subject_type="old", subject_id=5, changes={"ids": [1, 2, 3]})
    text = client.get("/audit/?subject_id=5").content.decode()

    for part in ("old.verb", "#999999", "#5", "ids: 1, 2, 3"):
        assert part in text


def test_entries_carry_the_request_and_the_instant(client: Client) -> None:
    before = timezone.now()
    client.post("/account/sessions/end/", headers={"X-Request-ID": "from-the-proxy-1"})
    entry = AuditEntry.objects.get(verb="user.sessions_ended")

    assert entry.request_id == "from-the-proxy-1"
    assert before <= entry.at <= datetime.now(UTC)
    assert request_id.get() == ""


@pytest.mark.parametrize("given", ["short", "with space", "x" * 65, "a\tb-long-enough", "<script>"])
def test_a_strange_request_id_is_replaced(given: str, client: Client) -> None:
    answered = client.get("/audit/", headers={"X-Request-ID": given})["X-Request-ID"]

    assert answered != given
    assert len(answered) == 32


def test_what_a_key_stands_for_depends_on_what_was_done(client: Client) -> None:
    registry.register_verbs({"thing.given": "Gave away"})
    registry.register_field("to_user", "To", subject="user")
    registry.register_alias("thing.given", "to", "to_user")
    registry.register_unshown("row")
    bo = UserFactory(name="Bo")
    record(actor=SYSTEM, verb="thing.given", subject_type="thing", subject_id=7, changes={"to": bo.pk, "row": 12})
    _paint(8, to=bo.pk)
    text = " ".join(client.get("/audit/?subject_type=thing").content.decode().split())

    assert "To: Bo<" in text
    assert f"To: {bo.pk}<" in text
    assert "row" not in text.partition("<tbody>")[2].partition("</tbody>")[0].replace("rowlink", "")


def test_the_items_of_a_list_stand_apart_as_the_language_has_it(client: Client) -> None:
    with translation.override("zh-hans"):
        assert listed([1, "b"]) == f"1{pgettext('between the items of a list', ', ')}b"
    assert listed(["a", "b"]) == "a, b"
