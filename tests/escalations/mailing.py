"""What tests of mail on cases share."""

from pathlib import Path

import pytest
from pytest_django import Settings

from escalations.models import Case, ServiceMailbox, TimelineEntry
from tests.escalations.pages_world import World, world
from tests.factories.case_mail import ServiceMailboxFactory


@pytest.fixture(autouse=True)
def files_root(settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def made(db: None) -> World:
    return world()


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
