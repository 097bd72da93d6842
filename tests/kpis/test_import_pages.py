"""Files of facts brought through the pages: checked, applied, corrected, and refused with a message at the field."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook

from kpis.importing import progress, uploads
from kpis.models import Batch, ContactInterval, Revision
from partners.models import Queue, Site
from portal.accounts.choices import Role
from portal.accounts.models import User
from portal.files.models import StoredFile
from tests.factories.partners import ProgrammeFactory, QueueFactory, SiteFactory, signed_in
from tests.partners.test_roster_bad_input import bomb

pytestmark = pytest.mark.django_db
HEAD = "site,programme,queue,starts_at,seconds,offered,answered,answered_in_t"
GOOD = "CTU,CARE,VOICE,2026-11-02 09:00,1800,40,38,30"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path


@pytest.fixture
def queue() -> Queue:
    site = SiteFactory.create(code="CTU", name="Chengdu", time_zone="Asia/Shanghai")
    return QueueFactory.create(programme=ProgrammeFactory.create(site=site, code="CARE"), code="VOICE")


@pytest.fixture
def manager(queue: Queue) -> Client:
    return signed_in(Role.MANAGER, partner=Site.objects.get(code="CTU").partner)


def csv(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join((head, *rows, "")).encode()


def bring(client: Client, content: bytes, *, mode: str = "whole", name: str = "contacts.csv") -> Any:
    data = {"kind": "contacts", "mode": mode, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("kpis:import_new"), data, follow=True)


def press(client: Client, verb: str = "apply", **data: str) -> str:
    batch = Batch.objects.latest("pk")
    page = client.post(reverse(f"kpis:import_{verb}", args=[batch.pk]), data, follow=True)
    return str(page.content.decode())


def test_a_file_is_checked_then_applied_and_a_corrected_one_says_what_it_replaced(manager: Client) -> None:
    page = bring(manager, csv(GOOD)).content.decode()
    assert "What it would change" in page
    assert ContactInterval.objects.count() == 0
    assert "Applied: 1 row" in press(manager)
    assert ContactInterval.objects.get().offered == 40
    bring(manager, csv(GOOD.replace(",40,38,30", ",44,38,30")))
    page = press(manager)
    assert "What it replaced" in page
    assert "Offered 40" in page
    assert (ContactInterval.objects.get().offered, Revision.objects.count()) == (44, 1)
    assert "contacts.csv" in manager.get(reverse("kpis:imports")).content.decode()


def workbook(row: str) -> bytes:
    book = Workbook()
    assert book.active is not None
    book.active.append(HEAD.split(","))
    book.active.append([int(cell) if cell.isdigit() else cell for cell in row.split(",")])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def json_lines(row: str) -> bytes:
    return json.dumps(dict(zip(HEAD.split(","), row.split(","), strict=True))).encode() + b"\n"


@pytest.mark.parametrize(
    ("name", "made"), [("contacts.xlsx", workbook), ("contacts.jsonl", json_lines)], ids=["xlsx", "json lines"]
)
def test_a_workbook_and_json_lines_are_taken_too(manager: Client, name: str, made: Callable[[str], bytes]) -> None:
    assert "What it would change" in bring(manager, made(GOOD), name=name).content.decode()
    assert "Applied: 1 row" in press(manager)
    found = ContactInterval.objects.get()
    assert (found.offered, found.answered, found.answered_in_t, found.seconds) == (40, 38, 30, 1800)
    assert found.starts_at == datetime(2026, 11, 2, 1, tzinfo=UTC), "nine o'clock at the site"


def test_the_same_rows_again_change_nothing(manager: Client) -> None:
    bring(manager, csv(GOOD))
    press(manager)
    assert "Nothing to change" in bring(manager, csv(GOOD)).content.decode()


def test_bad_rows_are_named_and_the_good_ones_may_go_alone(manager: Client) -> None:
    bad = "CTU,CARE,VOICE,2026-11-02 10:00,1800,40,50,30"
    page = bring(manager, csv(GOOD, bad)).content.decode()
    assert "1 row is bad" in page
    assert "Answered (50) is more than Offered (40)" in page
    assert "is to be taken whole" in press(manager)
    batch = Batch.objects.get()
    lines = manager.post(reverse("kpis:import_faults", args=[batch.pk])).getvalue().decode()
    assert "3,answered,Answered (50) is more than Offered (40)" in lines
    assert "Applied: 1 row" in press(manager, mode="good")
    assert ContactInterval.objects.count() == 1


def test_rows_of_sites_that_are_not_ones_own_are_unknown(manager: Client) -> None:
    other = SiteFactory.create(code="LIS")
    QueueFactory.create(programme=ProgrammeFactory.create(site=other, code="CARE"), code="VOICE")
    assert "is no site that this file may speak of" in bring(manager, csv(GOOD.replace("CTU", "LIS"))).content.decode()
    assert (
        signed_in(Role.COORDINATOR, site=other).get(f"/performance/imports/{Batch.objects.get().pk}/").status_code
        == 404
    )


def test_a_large_file_is_read_by_a_worker_and_the_page_asks_until_it_is(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    page = bring(manager, csv(GOOD)).content.decode()
    batch = Batch.objects.get()
    progress = reverse("kpis:import_progress", args=[batch.pk])
    assert "The file is being checked" in page
    assert manager.get(progress).status_code == 204
    assert uploads.read_waiting() == 1
    assert manager.get(progress)["HX-Refresh"] == "true"
    assert ContactInterval.objects.count() == 0
    assert "The file is being applied" in press(manager)
    assert uploads.read_waiting() == 1
    assert (ContactInterval.objects.count(), uploads.read_waiting()) == (1, 0)


def test_how_far_a_worker_is_stands_on_the_page(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    bring(manager, csv(GOOD))
    batch, told = Batch.objects.get(), list[int]()
    url = reverse("kpis:import_progress", args=[batch.pk])
    progress.tell(batch.pk, 42)
    page = manager.get(url).content.decode()
    assert 'value="42"' in page
    assert 'hx-trigger="portal:poll"' in page, "it goes on asking"
    assert 'value="42"' in manager.get(reverse("kpis:import", args=[batch.pk])).content.decode()
    monkeypatch.setattr(progress, "tell", lambda _pk, percent: told.append(percent))
    uploads.read_waiting()
    assert (told[0], told[-3:]) == (0, [25, 55, 65])
    assert told == sorted(told), "it never goes back"
    assert progress.percent_of(batch) is None


def test_telling_how_far_it_is_needs_no_valkey(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is then in the database, which takes no other statement while rows are copied."""
    monkeypatch.setattr(cache, "set", lambda *_a: User.objects.exists())
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    bring(manager, csv(GOOD))
    uploads.read_waiting()
    assert Batch.objects.get().state == "checked"


def test_the_file_can_be_had_again(manager: Client) -> None:
    bring(manager, csv(GOOD))
    page = manager.get(reverse("kpis:import", args=[Batch.objects.get().pk])).content.decode()
    url = reverse("files:file", args=[StoredFile.objects.get().pk])
    assert f'href="{url}?download"' in page
    site = Site.objects.get()
    for reader in (manager, signed_in(Role.AUDITOR), signed_in(Role.MANAGER, partner=site.partner)):
        assert b"".join(reader.get(url).streaming_content) == csv(GOOD)
    for stranger in (signed_in(Role.PARTNER_LEAD, site=site), signed_in(Role.MANAGER, partner=SiteFactory.create().partner)):  # fmt: skip
        assert stranger.get(url).status_code == 404


def test_a_file_with_bad_rows_is_for_its_sender_and_who_sees_all(manager: Client) -> None:
    bring(manager, csv(GOOD, GOOD.replace("CTU", "XXX")), mode="good")
    press(manager)
    second = signed_in(Role.MANAGER, partner=Site.objects.get().partner)
    url = reverse("files:file", args=[StoredFile.objects.get().pk])
    page = second.get(reverse("kpis:import", args=[Batch.objects.get().pk])).content.decode()
    assert "contacts.csv" in page
    assert url not in page
    assert second.get(url).status_code == 404, "a bad row may be of a site that is none of theirs"
    for reader in (manager, signed_in(Role.AUDITOR)):
        assert b"XXX" in b"".join(reader.get(url).streaming_content)


def test_a_worker_that_cannot_read_says_so_once(manager: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "AT_ONCE", 10)
    bring(manager, csv())
    assert (uploads.read_waiting(), uploads.read_waiting()) == (1, 0)
    batch = Batch.objects.get()
    page = manager.get(reverse("kpis:import", args=[batch.pk])).content.decode()
    assert batch.state == "refused"
    assert "The file holds no rows." in page


def test_what_was_put_away_is_not_applied(manager: Client) -> None:
    bring(manager, csv(GOOD))
    assert "Import discarded" in press(manager, "discard")
    assert "decided already" in press(manager)
    assert ContactInterval.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (bytes(range(256)) * 40, ""),
        (csv("x,1", head="site,offered"), "The file has no column"),
        (csv(), "The file holds no rows."),
        (b"PK\x03\x04 and no more", "This is not a whole Excel file."),
        (b'{"site": ' + b"[" * 200_000, "The file holds no row that can be read."),
    ],
    ids=["empty", "binary", "wrong columns", "heading", "half a workbook", "deep"],
)
def test_a_file_that_cannot_be_used_is_refused_at_its_field(manager: Client, content: bytes, said: str) -> None:
    page = bring(manager, content)
    assert page.status_code == 422
    assert said in " ".join(page.context["form"].errors["file"])
    assert not Batch.objects.exists()
    assert not StoredFile.objects.exists()


def test_2_gb_when_unpacked_is_refused_at_its_field(manager: Client) -> None:
    page = bring(manager, bomb(), name="contacts.xlsx")
    assert "The file unpacks to more than it should" in " ".join(page.context["form"].errors["file"])
    assert not Batch.objects.exists()


def test_no_file_and_an_unknown_kind_are_said_at_their_fields(manager: Client) -> None:
    page = manager.post(reverse("kpis:import_new"), {"kind": "x\0", "mode": "whole"})
    assert page.status_code == 422
    assert {"kind", "file"} <= set(page.context["form"].errors)


@pytest.mark.parametrize("kind", ["contacts", "agents", "surveys", "quality", "figures"])
def test_a_template_is_taken_as_it_is(manager: Client, queue: Queue, kind: str) -> None:
    template = b"".join(manager.get(reverse("kpis:import_template", args=[kind])).streaming_content)
    data = {"kind": kind, "mode": "whole", "file": SimpleUploadedFile("t.csv", template)}
    page = manager.post(reverse("kpis:import_new"), data, follow=True).content.decode()
    # Nobody has the example's number here; but for that its rows are good.
    faults = set(Batch.objects.get().row_faults.values_list("code", flat=True))
    assert faults <= {"unknown_agent"}, page


def test_readers_read_and_others_find_nothing(manager: Client) -> None:
    bring(manager, csv(GOOD))
    url = reverse("kpis:import", args=[Batch.objects.get().pk])
    auditor = signed_in(Role.AUDITOR)
    page = auditor.get(url).content.decode()
    assert "contacts.csv" in page
    assert 'id="apply"' not in page
    assert auditor.post(f"{url}apply/").status_code == 403
    for role in (Role.PARTNER_LEAD, Role.PARTNER_QA, Role.AGENT):
        assert signed_in(role, site=Site.objects.get(code="CTU")).get(url).status_code == 404
