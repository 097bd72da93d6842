"""Raising and reading cases through the API."""

import pytest

from escalations.models import Case, EntryBody, Service, TimelineEntry
from partners.models import Site
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from sla.models import Clock
from tests.factories.api import Program
from tests.factories.escalations import CaseFactory, IssueTypeFactory, open_policy

pytestmark = pytest.mark.django_db
WHOLE = {
    "service": "payments",
    "site": "DLC",
    "subject": "Refund  stuck\nfor a week",
    "description": "客人等待退款。",
    "channel": "email",
    "customer_ref": "C-77",
    "contact_hint": "Mornings, Mandarin",
    "impact": "money",
    "urgency": "today",
}


def test_a_case_is_raised_as_on_the_page(program: Program, coordinator: User, service: Service, site: Site) -> None:
    open_policy()
    issue = IssueTypeFactory(code="refund")
    answer = program.post("/cases", WHOLE | {"issue_type": "refund"})
    case = Case.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "ref": case.ref, "severity": 3, "opened_at": case.opened_at.isoformat(), "href": f"/api/v1/cases/{case.ref}",
    }  # fmt: skip
    assert answer["Location"] == f"/api/v1/cases/{case.ref}"
    assert answer["Cache-Control"] == "no-store"
    assert (case.subject, case.channel, case.customer_ref) == ("Refund stuck for a week", "email", "C-77")
    assert (case.service, case.site, case.issue_type, case.raised_by) == (service, site, issue, coordinator)
    assert EntryBody.objects.get(entry__case=case).text == "客人等待退款。"
    assert set(Clock.objects.values_list("subject_id", "metric")) == {
        (case.pk, "first_response"), (case.pk, "resolution"),
    }  # fmt: skip
    assert AuditEntry.objects.filter(verb="case.opened", subject_id=case.pk, actor_id=coordinator.pk).exists()


def test_a_case_is_read_with_its_names_in_the_language_of_the_request(program: Program, service: Service) -> None:
    ref = program.post("/cases", WHOLE).json()["ref"]
    found = program.get(f"/cases/{ref}").json()
    assert (found["ref"], found["subject"], found["state"]) == (ref, "Refund stuck for a week", "new")
    assert found["service"] == {"code": "payments", "name": "Payments"}
    assert found["site"] == {"code": "DLC", "name": "Dalian"}
    assert (found["customer_ref"], found["impact"], found["signals"], found["owner"]) == ("C-77", "money", [], None)
    chinese = program.get(f"/cases/{ref}", **{"Accept-Language": "zh-CN"}).json()
    assert chinese["service"]["name"] == "支付"
    assert program.get(f"/cases/{ref.lower()}").json()["ref"] == ref


def test_who_looks_at_a_sensitive_case_is_recorded(service: Service, site: Site) -> None:
    from tests.factories.accounts import somebody

    case = CaseFactory(service=service, site=site, sensitivity="confidential")
    member = somebody("associate", service=service)
    assert Program(member).get(f"/cases/{case.ref}").json()["sensitivity"] == "confidential"
    assert AuditEntry.objects.get(verb="case.viewed").actor_id == member.pk


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"service": "nothing"}, "body.service", "unknown_service"),
        ({"site": "NOWHERE"}, "body.site", "unknown_site"),
        ({"issue_type": "nothing"}, "body.issue_type", "unknown_issue"),
        ({"urgency": None}, "body.urgency", "together"),
        ({"subject": " \t "}, "body.subject", "string_pattern_mismatch"),
        ({"subject": "x" * 201}, "body.subject", "string_too_long"),
        ({"subject": "a\x00b"}, "body.subject", "string_pattern_mismatch"),
        ({"subject": "\ud800"}, "body.subject", "string_unicode"),
        ({"description": "x" * 20_001}, "body.description", "string_too_long"),
        ({"channel": "import"}, "body.channel", "literal_error"),
        ({"impact": "vast"}, "body.impact", "enum"),
        ({"severity": "1"}, "body.severity", "int_type"),
        ({"severity": 10**30}, "body.severity", "less_than_equal"),
        ({"severity": 1}, "body.severity_reason", "reason_needed"),
        ({"signals": ["safety"] * 5}, "body.signals", "too_long"),
        ({"colour": "red"}, "body.colour", "extra_forbidden"),
        ({"sensitivity": "secret"}, "body.sensitivity", "enum"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_written(
    program: Program, service: Service, change: dict[str, object], field: str, code: str
) -> None:
    answer = program.post("/cases", WHOLE | change)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert [(one["at"], one["code"]) for one in problem["errors"]] == [(field, code)]
    assert problem["errors"][0]["detail"]
    assert (problem["status"], problem["code"], problem["type"]) == (422, "not_valid", "about:blank")
    assert not Case.objects.exists()
    assert not TimelineEntry.objects.exists()


def test_partners_raise_standard_cases_of_their_site_alone(service: Service, site: Site) -> None:
    from tests.factories.accounts import somebody
    from tests.factories.partners import SiteFactory

    other = SiteFactory(code="SOFIA")
    agent = Program(somebody("partner_agent", site=site))
    assert agent.post("/cases", WHOLE).status_code == 201
    for change, status in (
        ({"site": other.code}, 422), ({"site": None}, 403), ({"sensitivity": "restricted"}, 403),
        ({"severity": 1, "severity_reason": "Because"}, 422),
    ):  # fmt: skip
        assert agent.post("/cases", WHOLE | change).status_code == status, change
    assert Case.objects.count() == 1


def test_what_a_case_may_be_the_same_as_is_named_if_asked(
    program: Program, coordinator: User, service: Service, site: Site
) -> None:
    asked, before = "/cases?possible_duplicates=true", Case.objects.count()
    first = program.post("/cases", WHOLE).json()
    assert "possible_duplicates" not in first
    answer = program.post(asked, WHOLE, key="again")
    assert (answer.status_code, answer.json()["possible_duplicates"]) == (201, [first["ref"]])
    assert program.post(asked, WHOLE, key="again").json() == answer.json()
    # A program that may only write learns of no case, and raises none by asking.
    writer = Program(coordinator, scopes=("cases:write",))
    assert writer.post(asked, WHOLE).status_code == 403
    assert program.post("/cases?possible_duplicates=perhaps", WHOLE).status_code == 422
    assert program.post("/cases?duplicates=true", WHOLE).status_code == 422
    assert Case.objects.count() == before + 2
