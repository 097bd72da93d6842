"""What tests of mail on cases share."""

from datetime import timedelta

import pytest
from django.utils import timezone

from escalations.models import Case, ServiceMailbox, TimelineEntry
from tests.escalations.filing import files_root, made
from tests.escalations.pages_world import World
from tests.factories.case_mail import ServiceMailboxFactory

__all__ = ["age", "box", "codes", "files_root", "made", "words"]


@pytest.fixture
def box(made: World) -> ServiceMailbox:
    found: ServiceMailbox = ServiceMailboxFactory(service=made.service, mailbox__address="care@portal.example.test")
    return found


def codes(case: Case) -> list[str]:
    """What happened to a case, in order."""
    return list(TimelineEntry.objects.filter(case=case).order_by("pk").values_list("code", flat=True))


def words(case: Case, code: str) -> list[str]:
    """The words of its entries of one code."""
    rows = TimelineEntry.objects.filter(case=case, code=code).order_by("pk")
    return [one.body.text if hasattr(one, "body") else "" for one in rows]


def age(case: Case, days: int, **columns: object) -> None:
    """Solved so many days ago."""
    Case.objects.filter(pk=case.pk).update(resolved_at=timezone.now() - timedelta(days=days), **columns)
