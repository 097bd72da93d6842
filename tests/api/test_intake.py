"""What a case costs that comes in by the hundred a second, and that it is whole all the same."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalations.actions.create import index
from escalations.models import Case, CaseSequence, IssueType, Service
from portal.api.models import IdempotentRequest
from portal.audit.models import AuditEntry
from portal.notifications.models import OutboxRow
from sla.models import Clock, ClockEvent
from tests.factories.api import Program
from tests.factories.channels import listener
from tests.factories.sla import PolicyFactory
from tests.factories.webhooks import WebhookTargetFactory

pytestmark = pytest.mark.django_db
BODY = {
    "service": "payments", "site": "DLC", "subject": "退款 stuck since May", "description": "Words", "customer_ref": "C-4711",
    "impact": "money", "urgency": "today", "issue_type": "refund",
}  # fmt: skip
STATEMENTS = 16  # two of them begin and end the transaction


def test_a_case_costs_so_many_statements_however_many_listen(program: Program, service: Service) -> None:
    IssueType.objects.create(code="refund", name="Refund", level=1)
    PolicyFactory()
    listener(WebhookTargetFactory().pk, service)
    # The first one notes that the token is used, and loads the policies.
    assert program.post("/cases", BODY).status_code == 201
    for more in (0, 4):
        for _ in range(more):
            listener(WebhookTargetFactory().pk, service)
        with CaptureQueriesContext(connection) as asked:
            assert program.post("/cases", BODY).status_code == 201
        assert len(asked) == STATEMENTS
    case = Case.objects.latest("pk")
    owed = Clock.objects.filter(subject_id=case.pk).count()
    assert owed == ClockEvent.objects.filter(clock__subject_id=case.pk).count() == 2
    assert list(CaseSequence.objects.filter(case=case).values_list("last", flat=True)) == [1 + owed] * 5
    told = OutboxRow.objects.filter(topic="case_event", payload__case=case.pk).order_by("pk")
    assert [one.payload["event"] for one in told[:5]] == ["case.created"] * 5
    assert {one.payload["event"] for one in told[5:]} == {"clock.started"}
    assert told.count() == 5 * (1 + owed)
    assert AuditEntry.objects.filter(verb="case.opened", subject_id=case.pk).count() == 1
    assert IdempotentRequest.objects.count() == 3


def test_its_row_is_as_the_model_says(program: Program, service: Service) -> None:
    IssueType.objects.create(code="refund", name="Refund", level=1)
    program.post("/cases", BODY)
    case = Case.objects.get()
    written = case.search
    index(case)
    case.refresh_from_db()
    assert written == case.search != ""
    assert (case.signals, case.version, case.owner_id, case.merged_into_id) == ([], 1, None, None)
    assert (case.severity, case.impact, case.urgency) == (3, "money", "today")


def test_what_the_service_says_of_severity_holds(program: Program, service: Service) -> None:
    service.matrix.create(impact="money", urgency="today", severity=4)
    program.post("/cases", {**BODY, "issue_type": None})
    assert Case.objects.get().severity == 4
