"""People as forms bring them, and what comes back."""

from datetime import UTC, datetime
from typing import Any

from portal.audit.models import AuditEntry
from tests.factories.partners import (
    JobRoleFactory,
)

# 20:00 in UTC is the next day in Shanghai.
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 422, response.status_code
    return {name: list(found) for name, found in response.context["form"].errors.items()}


def verbs() -> list[str]:
    return list(AuditEntry.objects.exclude(verb="user.signed_in").order_by("id").values_list("verb", flat=True))


def hire_form(**changes: Any) -> dict[str, Any]:
    known = {"name": "陈伟", "preferred_name": "Wei", "email": "wei@example.com", "language": "zh-hans"}
    return {**known, "job_role": JobRoleFactory().pk, "first_day": "2026-11-23", "employee_number": "B-1", **changes}
