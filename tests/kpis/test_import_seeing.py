"""What the cells of bad rows say is for who may have the file: such a row may be of a site that the reader has no charge of."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kpis.models import Batch
from partners.models import Site
from portal.accounts.choices import Role
from tests.factories.partners import ProgrammeFactory, QueueFactory, SiteFactory, signed_in

pytestmark = pytest.mark.django_db
HEAD = "site,programme,queue,starts_at,seconds,offered,answered,answered_in_t"
ROWS = (
    "CTU,CARE,VOICE,2026-11-02 09:00,1800,40,38,30",
    "LIS,CARE,HOTLINE-X,2026-11-02 09:00,1800,40,38,30",
    "LIS,CARE,VOICE,2026-11-02 09:00,1800,71113,98765,30",
    "LIS,CARE,VOICE,2026-11-02 09:30,1800,12.25,1,1",
)
CELLS = ("HOTLINE-X", "71113", "98765", "12.25")


@pytest.fixture
def brought(settings: Any, tmp_path: Path) -> Batch:
    """By an administrator: a good row of one site, bad ones of another."""
    settings.FILES_ROOT = tmp_path
    for code in ("CTU", "LIS"):
        site = SiteFactory.create(code=code, time_zone="Asia/Shanghai")
        QueueFactory.create(programme=ProgrammeFactory.create(site=site, code="CARE"), code="VOICE")
    file = SimpleUploadedFile("contacts.csv", "\n".join((HEAD, *ROWS, "")).encode())
    sender = signed_in(Role.ADMINISTRATOR)
    sender.post(reverse("kpis:import_new"), {"kind": "contacts", "mode": "good", "file": file})
    batch = Batch.objects.get()
    assert shown(sender, batch) == [list(CELLS)] * 2
    return batch


def shown(reader: Client, batch: Batch) -> list[list[str]]:
    """Which of the cells stand on the page, and in the list of faults."""
    page = reader.get(reverse("kpis:import", args=[batch.pk])).content.decode()
    lines = reader.post(reverse("kpis:import_faults", args=[batch.pk])).getvalue().decode()
    return [[cell for cell in CELLS if cell in text] for text in (page, lines)]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COORDINATOR])
def test_who_may_not_have_the_file_is_told_row_column_and_reason(brought: Batch, role: Role) -> None:
    site = Site.objects.get(code="CTU")
    reader = signed_in(role, partner=site.partner)
    assert shown(reader, brought) == [[], []]
    lines = reader.post(reverse("kpis:import_faults", args=[brought.pk])).getvalue().decode()
    assert "3,queue,“…” is no queue of the site" in lines
    assert "4,answered,Answered (…) is more than Offered (…)" in lines
    assert "5,offered,“…” is not a whole number" in lines
    assert "whoever brought the file" in reader.get(reverse("kpis:import", args=[brought.pk])).content.decode()


def test_who_sees_every_site_is_shown_them(brought: Batch) -> None:
    assert shown(signed_in(Role.AUDITOR), brought) == [list(CELLS)] * 2


def test_others_are_told_nothing_at_all(brought: Batch) -> None:
    here, other = (Site.objects.get(code=code) for code in ("CTU", "LIS"))
    readers = [
        signed_in(Role.PARTNER_LEAD, site=here),
        signed_in(Role.PARTNER_LEAD, site=other),
        signed_in(Role.PARTNER_QA, site=here),
        signed_in(Role.MANAGER, partner=other.partner),
        signed_in(Role.COORDINATOR, site=other),
    ]
    for reader in readers:
        assert reader.get(reverse("kpis:import", args=[brought.pk])).status_code == 404
        for kind in ("csv", "xlsx"):
            taken = reader.post(reverse("kpis:import_faults", args=[brought.pk]), {"format": kind})
            assert taken.status_code == 404
