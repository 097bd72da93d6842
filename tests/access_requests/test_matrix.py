"""The access matrix: who holds what, filters, export; and who sees none of it."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access_requests.models import GrantReason
from portal.audit.models import AuditEntry
from tests.access_requests.readiness_world import Wave, text_of, wave
from tests.factories.access import AccessRequestFactory, GrantFactory, RequestItemFactory, SodRuleFactory
from tests.factories.partners import days

pytestmark = pytest.mark.django_db
URL = "/access/matrix/"


@pytest.fixture
def made() -> Wave:
    return wave()


def rows(page: str) -> str:
    return page.partition("<tbody>")[2]


def test_a_cell_says_how_many_and_how_sure(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    made.give(zhou, made.desk)
    made.give(zhou, made.phone, verified_at=None)
    page = rows(text_of(made.client("lead"), URL))
    assert page.index("1 verified") < page.index("1 to confirm")
    assert "Chengdu" in page


def test_what_is_going_and_what_clashes_shows(made: Wave) -> None:
    zhou, deng = made.joiner("Zhou Ting", -50), made.joiner("Deng Wei", -50)
    made.give(zhou, made.desk, made.phone)
    made.give(deng, made.phone)
    left, right = sorted((made.desk, made.phone), key=lambda one: one.pk)
    SodRuleFactory.create(left=left, right=right)
    request = AccessRequestFactory.create(site=made.site)
    RequestItemFactory.create(
        request=request, person=deng, entitlement=made.phone, operation="revoke", state="approved"
    )
    client = made.client("coordinator")
    page = rows(text_of(client, URL))
    assert page.count("1 in conflict") == 2
    assert page.count("1 being removed") == 1
    for state, seen, hidden in (
        ("conflict", "Zhou Ting", "Deng Wei"),
        ("removing", "Deng Wei", "Zhou Ting"),
    ):
        page = rows(text_of(client, URL, state=state))
        assert (seen in page, hidden in page) == (True, False), state
    assert "Zhou Ting" not in text_of(client, URL, state="claimed")
    made.phone.privileged, made.phone.max_days = True, 30
    made.phone.save()
    page = rows(text_of(client, URL, privileged="on"))
    assert "Deng Wei" in page
    assert page.count("in conflict") == 1
    assert "Deng Wei" not in rows(text_of(client, URL, system=str(made.desk.system_id)))
    assert "Zhou Ting" in rows(
        text_of(client, URL, site=made.site.code, job_role=str(zhou.placements.get().job_role_id))
    )


def test_fifty_people_a_page(made: Wave) -> None:
    for number in range(52):
        made.joiner(f"Agent {number:02}", -9)
    client = made.client("lead")
    first = client.get(URL)
    page = first.content.decode()
    assert ("Agent 49" in page, "Agent 50" in page) == (True, False)
    cursor = first.context["page"].next_cursor
    assert "Agent 51" in text_of(client, URL, cursor=cursor)
    assert text_of(client, URL, cursor="nonsense").startswith("400")


def test_the_export_is_the_whole_filter_harmless_and_written_down(made: Wave) -> None:
    for number in range(3):
        made.give(made.joiner(f"=cmd|{number}", -50), made.desk, made.phone)
    made.give(made.joiner("Elsewhere", -50, made.other), made.desk)
    coordinator = made.client("coordinator")
    response = coordinator.post(f"{URL}export/?state=verified", {"format": "csv"})
    lines = b"".join(response).decode().splitlines()
    assert len(lines) == 1 + 6
    assert all(line.startswith("'=cmd|") for line in lines[1:])
    assert "Job: " in lines[1]
    trail = AuditEntry.objects.get(verb="access_matrix.exported")
    assert (trail.actor_id, trail.changes) == (made.users["coordinator"].pk, {"format": "csv", "state": "verified"})
    book = zipfile.ZipFile(io.BytesIO(b"".join(coordinator.post(f"{URL}export/", {"format": "xlsx"}))))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("=cmd|") == 6
    assert "<f>" not in sheet


def test_the_number_of_queries_does_not_grow(made: Wave) -> None:
    counts = []
    client = made.client("lead")
    for start in (0, 4):
        for number in range(start, start + 4):
            made.give(made.joiner(f"Agent {number}", -9), made.desk, made.phone)
        client.get(URL)
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 20


def test_strangers_find_nobody_of_the_site(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    made.give(zhou, made.desk)
    for who in ("foreign_lead", "foreign_coordinator"):
        client = made.client(who)
        for data in ({}, {"system": str(made.desk.system_id)}, {"state": "verified"}):
            page = text_of(client, URL, **data)
            assert not {one for one in ("Zhou Ting", "Chengdu", "1 verified") if one in page}, (who, data)
        assert text_of(client, URL, site=made.site.code).startswith("400")
        assert "Zhou Ting" not in b"".join(client.post(f"{URL}export/")).decode()
        assert client.post(f"{URL}export/?site={made.site.code}").status_code == 400
    for who in ("qa", "agent", "it"):
        assert made.client(who).get(URL).status_code == 404
        assert made.client(who).post(f"{URL}export/").status_code == 404
    for who in ("auditor", "administrator", "manager"):
        assert "Zhou Ting" in text_of(made.client(who), URL), who


def test_who_has_moved_on_is_the_new_sites_business(made: Wave) -> None:
    zhou = made.joiner("Zhou Ting", -50)
    made.give(zhou, made.desk)
    zhou.placements.update(site=made.other)
    assert "Zhou Ting" in text_of(made.client("foreign_lead"), URL)
    assert "Zhou Ting" not in text_of(made.client("lead"), URL)


def test_who_has_left_and_holds_something_still_shows(made: Wave) -> None:
    ghost, gone = made.joiner("Ghost", -50), made.joiner("Gone", -50)
    made.give(ghost, made.desk)
    for one in (ghost, gone):
        placement = one.placements.get()
        placement.period = days(placement.first_day, placement.first_day + timedelta(days=20))
        placement.save()
    GrantFactory.create(person=ghost, entitlement=made.phone)
    assert GrantReason.objects.filter(grant__person=ghost).count() == 1
    page = text_of(made.client("lead"), URL)
    assert ("Ghost" in page, "Gone" in page) == (True, False)


@pytest.mark.parametrize(
    "data",
    [
        {"site": "\0"}, {"site": "NOPE"}, {"job_role": "x"}, {"job_role": "9" * 30}, {"system": "\0"}, {"system": "99999999"},
        {"state": "x"}, {"site": "x" * 5000},
    ],
)  # fmt: skip
def test_bad_input_gets_a_message(made: Wave, data: dict[str, str]) -> None:
    assert text_of(made.client("lead"), URL, **data).startswith("400")
