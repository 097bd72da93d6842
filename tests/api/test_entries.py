"""Entries and clocks of a case, and lists of cases."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations.actions import merge, redact_entry
from escalations.models import Case, Service, TimelineEntry
from partners.models import Site
from portal.accounts.models import User
from portal.accounts.rules import SYSTEM
from tests.factories.accounts import somebody
from tests.factories.api import Program
from tests.factories.escalations import CaseFactory, open_policy

pytestmark = pytest.mark.django_db
CALL = {"kind": "contact", "channel": "phone", "direction": "out", "outcome": "reached", "text": "Called back."}


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    open_policy()
    return CaseFactory(service=service, site=site, at=timezone.now() - timedelta(hours=3))


def test_a_note_and_a_contact_stand_in_the_timeline(program: Program, case: Case, coordinator: User) -> None:
    made = program.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": " 请尽快处理。 "})
    entry = TimelineEntry.objects.get(pk=made.json()["id"])
    assert (made.status_code, made.json()["ref"], entry.is_internal) == (201, case.ref, True)
    program.post(f"/cases/{case.ref}/entries", CALL)
    found = program.get(f"/cases/{case.ref}/entries").json()["items"]
    rows = [row for row in found if row["kind"] != "clock"]
    assert [(row["kind"], row["text"], row["by"], row["internal"]) for row in rows] == [
        ("opened", "", None, False),
        ("note", "请尽快处理。", "Cora Coordinator", True),
        ("contact", "Called back.", "Cora Coordinator", True),
    ]
    assert (rows[2]["channel"], rows[2]["direction"], rows[2]["outcome"]) == ("phone", "out", "reached")


def test_a_contact_outward_meets_the_first_response_at_its_own_time(program: Program, case: Case) -> None:
    at = timezone.now() - timedelta(hours=1)
    answer = program.post(f"/cases/{case.ref}/entries", {**CALL, "at": at.isoformat()})
    assert answer.json()["at"] == at.isoformat()
    clocks = {one["metric"]: one for one in program.get(f"/cases/{case.ref}/clocks").json()["items"]}
    assert (clocks["first_response"]["state"], clocks["first_response"]["in_time"]) == ("met", False)
    assert (clocks["resolution"]["state"], clocks["resolution"]["in_time"]) == ("running", None)
    program.post(f"/cases/{case.ref}/entries", {**CALL, "direction": "in", "outcome": "received"})
    assert {one["metric"] for one in program.get(f"/cases/{case.ref}/clocks").json()["items"]} == {
        "first_response", "next_reply", "resolution",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "at", "code"),
    [
        ({"kind": "letter", "text": "x"}, "body", "union_tag_invalid"),
        ({"text": "x"}, "body", "union_tag_not_found"),
        ({"kind": "note"}, "body.note.text", "missing"),
        ({"kind": "note", "text": " \n"}, "body.note.text", "string_pattern_mismatch"),
        ({"kind": "note", "text": "x", "shared": "yes"}, "body.note.shared", "bool_type"),
        ({"kind": "note", "text": "x", "colour": 1}, "body.note.colour", "extra_forbidden"),
        ({**CALL, "outcome": "received"}, "body.outcome", "outcome_unfit"),
        ({**CALL, "direction": "up"}, "body.contact.direction", "enum"),
        ({**CALL, "at": "2026-11-22"}, "body.contact.at", "datetime_type"),
        ({**CALL, "at": "2026-11-22T09:00:00"}, "body.contact.at", "datetime_type"),
        ({**CALL, "at": 1700000000}, "body.contact.at", "datetime_type"),
        ({**CALL, "at": "9999-12-31T23:59:59-14:00"}, "body.at", "in_future"),
        ({**CALL, "at": "0001-01-01T00:00:00+14:00"}, "body.at", "before_opened"),
    ],
)
def test_what_does_not_fit_is_named(program: Program, case: Case, body: dict[str, Any], at: str, code: str) -> None:
    answer = program.post(f"/cases/{case.ref}/entries", body)
    assert answer.status_code == 422
    assert [(one["at"], one["code"]) for one in answer.json()["errors"]] == [(at, code)]
    assert case.entries.count() == 1


def test_partners_write_shared_notes_and_read_shared_entries(program: Program, case: Case, site: Site) -> None:
    program.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": "Inside"})
    lead = Program(somebody("partner_lead", site=site))
    assert lead.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": "x"}).status_code == 403
    assert lead.post(f"/cases/{case.ref}/entries", CALL).status_code == 403
    assert lead.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": "Ours", "shared": True}).status_code == 201
    rows = lead.get(f"/cases/{case.ref}/entries").json()["items"]
    assert [row["text"] for row in rows] == ["", "Ours"]


def test_words_that_were_removed_are_gone(program: Program, case: Case) -> None:
    entry = program.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": "Secret"}).json()["id"]
    redact_entry(actor=SYSTEM, ref=case.ref, entry_id=entry)
    rows = program.get(f"/cases/{case.ref}/entries").json()["items"]
    assert [(row["text"], row["redacted"]) for row in rows if row["id"] == entry] == [("", True)]


def test_a_merged_case_takes_nothing_in_and_points_on(
    program: Program, case: Case, service: Service, site: Site
) -> None:
    other = CaseFactory(service=service, site=site)
    merge(actor=SYSTEM, source=other.pk, target=case.pk, reason="Same")
    answer = program.post(f"/cases/{other.ref}/entries", {"kind": "note", "text": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "merged")
    assert program.get(f"/cases/{other.ref}").json()["merged_into"] == case.ref
    assert {row["ref"] for row in program.get(f"/cases/{case.ref}/entries").json()["items"]} == {case.ref, other.ref}


def test_lists_are_paged_and_narrowed(program: Program, service: Service, site: Site, coordinator: User) -> None:
    refs = [CaseFactory(service=service, site=site, severity=1 + n % 4).ref for n in range(5)][::-1]
    first = program.get("/cases", {"limit": 2}).json()
    second = program.get("/cases", {"limit": 2, "cursor": first["next"]}).json()
    third = program.get("/cases", {"limit": 2, "cursor": second["next"]}).json()
    assert [one["ref"] for page in (first, second, third) for one in page["items"]] == refs
    assert (first["previous"], third["next"]) == (None, None)
    back = program.get("/cases", {"limit": 2, "cursor": second["previous"]}).json()
    assert back["items"] == first["items"]
    Case.objects.filter(pk=refs[0][3:]).update(owner=coordinator)

    def found(**asked: Any) -> int:
        return len(program.get("/cases", asked).json()["items"])

    assert found(severity=[1, 2]) == 3
    assert (found(owner="me"), found(owner="nobody")) == (1, 4)
    assert (found(service="payments", site="DLC"), found(state="closed"), found(age="older")) == (5, 0, 0)
    assert (found(q="Matter"), found(q=refs[1])) == (5, 1)


@pytest.mark.parametrize(
    ("query", "status", "at"),
    [
        ("limit=0", 422, "query.limit"),
        ("limit=101", 422, "query.limit"),
        ("limit=9999999999999999999999", 422, "query.limit"),
        ("limit=x", 422, "query.limit"),
        ("state=lost", 422, "query.state.0"),
        ("service=nothing", 422, "query.service"),
        ("site=NOWHERE", 422, "query.site"),
        ("owner=7", 422, "query.owner"),
        ("q=%00", 422, "query.q"),
        ("colour=red", 422, "query.colour"),
        ("cursor=abc", 400, ""),
        ("cursor=WyJuZXh0IiwieCJd", 400, ""),
        ("cursor=WyJuZXh0IiwxZTk5XQ", 400, ""),
    ],
)
def test_a_query_that_does_not_fit_is_named(program: Program, query: str, status: int, at: str) -> None:
    answer = program.get(f"/cases?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert [one["at"] for one in answer.json().get("errors", [])] == ([at] if at else [])


def test_answers_cost_the_same_however_long(program: Program, service: Service, site: Site) -> None:
    case = CaseFactory(service=service, site=site)
    paths = ("/cases", f"/cases/{case.ref}", f"/cases/{case.ref}/entries", f"/cases/{case.ref}/clocks")
    program.get("/cases")  # notes the token's use

    def costs() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                assert program.get(path).status_code == 200
            found.append(len(asked))
        return found

    before = costs()
    for _ in range(4):
        CaseFactory(service=service, site=site)
        program.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": "x"})
    assert costs() == before
    assert max(before) <= 7
