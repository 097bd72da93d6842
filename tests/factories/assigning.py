"""Working hours, skills and caps of people."""

from collections.abc import Iterable
from datetime import time

from escalations.models import IssueSkill, IssueType, Workload, WorkShift


def always_on(user_id: int | None) -> None:
    """On duty around the clock."""
    rows = [WorkShift(user_id=user_id, weekday=day, starts=time(0), ends=time(0)) for day in range(7)]
    WorkShift.objects.bulk_create(rows)


def takes(
    user_id: int | None, *, cap: int | None = None, languages: Iterable[str] = (), issues: Iterable[IssueType] = ()
) -> None:
    """What somebody takes, and how much at once."""
    Workload.objects.create(user_id=user_id, cap=cap, languages=list(languages))
    IssueSkill.objects.bulk_create(IssueSkill(user_id=user_id, issue_type=issue) for issue in issues)
