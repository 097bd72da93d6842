"""Files with columns of their own: a mapping brought beside them says which is which, or is refused at its field."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from kpis.models import Batch, ContactInterval
from portal.accounts.choices import Role
from tests.factories.partners import ProgrammeFactory, QueueFactory, SiteFactory, signed_in

pytestmark = pytest.mark.django_db
OWN = """
source: night-desk
kind: contacts
local: true
dates: ["%d.%m.%Y %H:%M"]
interval: 30
decimal: ","
fields:
  site: {column: Standort}
  programme: {default: CARE}
  queue: {default: VOICE}
  starts_at: {column: Beginn}
  offered: {column: Anrufe}
  wait: {column: Wartezeit}
"""
OWN_FILE = b"Standort;Beginn;Anrufe;Wartezeit\nCTU;02.11.2026 09:00;40;12,0\n"
OF_TEMPLATE = b"site,programme,queue,starts_at,seconds,offered\nCTU,CARE,VOICE,2026-11-02 09:00,1800,40\n"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def manager() -> Client:
    site = SiteFactory.create(code="CTU", name="Chengdu", time_zone="Asia/Shanghai")
    QueueFactory.create(programme=ProgrammeFactory.create(site=site, code="CARE"), code="VOICE")
    return signed_in(Role.MANAGER, partner=site.partner)


def brought(client: Client, content: bytes, mapping: bytes, kind: str = "contacts") -> Any:
    files = {"file": SimpleUploadedFile("calls.csv", content), "mapping": SimpleUploadedFile("own.yml", mapping)}
    return client.post(reverse("kpis:import_new"), {"kind": kind, "mode": "whole", **files}, follow=True)


def test_a_file_with_columns_of_its_own_comes_in_by_its_mapping(manager: Client) -> None:
    assert "What it would change" in brought(manager, OWN_FILE, OWN.encode()).content.decode()
    manager.post(reverse("kpis:import_apply", args=[Batch.objects.get().pk]))
    row = ContactInterval.objects.get()
    assert (row.offered, row.wait, row.seconds, row.starts_at.isoformat()) == (
        40,
        12,
        1800,
        "2026-11-02T01:00:00+00:00",
    )
    assert (row.batch.source, row.batch.mapping["interval"]) == ("night-desk", 30)


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ("fields: [", "The mapping is not YAML"),
        ("- a\n- b", "The mapping is not a table of names."),
        (OWN.replace("kind: contacts", "kind: agents"), "The mapping is wrong"),
        (OWN.replace("  offered: {column: Anrufe}", "  telephone: {column: Anrufe}"), "telephone"),
        (OWN.replace("CARE", ".nan"), "The mapping is not YAML"),
        (OWN.replace("CARE", '"a\\0"'), "The mapping is not a table of names."),
        (OWN.replace("CARE", '"\\ud800"'), "The mapping is not YAML"),
        (OWN.replace("{default: CARE}", "&a {default: CARE}").replace("{default: VOICE}", "*a"), "references"),
        (OWN + "# " + "x" * 300_000, "larger than 256 kB"),
        (b"\xff\xfe\x00", "The mapping is not YAML"),
        (OWN.replace("night-desk", "portal"), "Choose another name for the source"),
        (OWN.replace("Standort", "Ort"), "The file has no column “Ort”."),
    ],
    ids=range(12),
)
def test_a_mapping_that_does_not_fit_is_refused_at_its_field(manager: Client, mapping: str | bytes, why: str) -> None:
    answer = brought(manager, OWN_FILE, mapping if isinstance(mapping, bytes) else mapping.encode())
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert not Batch.objects.exists()


def test_a_mapping_of_another_kind_is_refused(manager: Client) -> None:
    answer = brought(manager, OWN_FILE, OWN.encode(), kind="surveys")
    assert (answer.status_code, "The mapping is one of Contact intervals." in answer.content.decode()) == (422, True)


def test_the_mapping_of_a_template_reads_the_template(manager: Client) -> None:
    own = manager.get(reverse("kpis:import_mapping", args=["contacts"]))
    assert own["Content-Disposition"] == 'attachment; filename="contacts-mapping.yml"'
    assert "What it would change" in brought(manager, OF_TEMPLATE, own.content).content.decode()
    assert manager.get(reverse("kpis:import_mapping", args=["nothing"])).status_code == 404
