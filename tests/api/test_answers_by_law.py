"""A contact that a program adds is the answer by law, with what the form takes and refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escalations.actions import regulate
from escalations.models import Case, Service, StatutoryResponse
from escalations.queries.statutory import owed
from partners.models import Site
from portal.accounts.rules import SYSTEM
from tests.factories.accounts import somebody
from tests.factories.api import Program
from tests.factories.escalations import CaseFactory, open_policy
from tests.factories.statutory import ACK, FINAL, INTERIM, jurisdiction_with

pytestmark = pytest.mark.django_db
LETTER = {"kind": "contact", "channel": "letter", "direction": "out", "outcome": "sent", "text": "Our answer."}


@pytest.fixture
def case(service: Service, site: Site) -> Case:
    open_policy()
    found = CaseFactory(service=service, site=site, at=timezone.now() - timedelta(days=3))
    law, received = jurisdiction_with(ack=5, final=56), timezone.now() - timedelta(days=1)
    regulate(actor=SYSTEM, ref=found.pk, jurisdiction_id=law.pk, received_at=received)
    return found


def test_it_meets_what_it_names_at_its_own_instant_and_once(program: Program, case: Case) -> None:
    at, path = timezone.now() - timedelta(hours=1), f"/cases/{case.ref}/entries"
    made = program.post(path, {**LETTER, "at": at.isoformat(), "duties": [ACK, ACK]})
    [response] = StatutoryResponse.objects.filter(case=case)
    assert (made.status_code, response.contact_id, response.sent_at, response.duty) == (201, made.json()["id"], at, ACK)
    assert [view.metric for view in owed(case.pk)] == [FINAL]
    again = program.post(path, {**LETTER, "duties": [ACK, FINAL]})
    assert [(one["at"], one["code"]) for one in again.json()["errors"]] == [("body.duties", "not_owed")]
    assert program.post(path, LETTER).status_code == 201
    assert [view.metric for view in owed(case.pk)] == [FINAL]


@pytest.mark.parametrize(
    ("more", "at", "code"),
    [
        ({"duties": [INTERIM]}, "body.duties", "not_owed"),
        ({"duties": ["resolution"]}, "body.contact.duties.0", "enum"),
        ({"duties": ACK}, "body.contact.duties", "list_type"),
        ({"duties": [ACK] * 4}, "body.contact.duties", "too_long"),
        ({"duties": [ACK], "outcome": "no_answer"}, "body.duties", "not_reached"),
        ({"duties": [ACK], "direction": "in", "outcome": "received"}, "body.duties", "not_reached"),
        ({"duties": [ACK], "at": (timezone.now() - timedelta(days=2)).isoformat()}, "body.at", "before_received"),
    ],
)
def test_what_the_form_refuses_is_refused_whole(
    program: Program, case: Case, more: dict[str, Any], at: str, code: str
) -> None:
    answer = program.post(f"/cases/{case.ref}/entries", {**LETTER, **more})
    assert answer.status_code == 422
    assert [(one["at"], one["code"]) for one in answer.json()["errors"]] == [(at, code)]
    assert not case.entries.filter(kind="contact").exists()
    assert [view.metric for view in owed(case.pk)] == [ACK, FINAL]


def test_a_note_is_no_answer_and_partners_give_none(program: Program, case: Case, site: Site) -> None:
    note = program.post(f"/cases/{case.ref}/entries", {"kind": "note", "text": "x", "duties": [ACK]})
    assert [(one["at"], one["code"]) for one in note.json()["errors"]] == [("body.note.duties", "extra_forbidden")]
    lead = Program(somebody("partner_lead", site=site))
    assert lead.post(f"/cases/{case.ref}/entries", {**LETTER, "duties": [ACK]}).status_code == 403
    assert not StatutoryResponse.objects.exists()


def test_the_document_names_the_answers(program: Program) -> None:
    shapes = program.get("/openapi.json").json()["components"]["schemas"]
    field = shapes["ContactIn"]["properties"]["duties"]
    assert field["maxItems"] == 3
    assert "only what reached the customer" in field["description"]
    assert shapes["Duty"]["enum"] == [ACK, INTERIM, FINAL]
    assert "duties" not in shapes["ContactIn"]["required"]
