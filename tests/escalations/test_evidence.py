"""Evidence packs: what is in them, that it can be proved, and that it is the same however often it is made."""

import errno
import hashlib
import io
import json
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.actions import evidence
from escalations.choices.evidence import LARGEST_PACK, PACK_FILES
from escalations.models import Case, EvidencePack
from escalations.rendering.evidence import build
from escalations.tasks import make_evidence
from portal.accounts.models import Membership
from portal.audit.models import AuditEntry
from portal.files import disk
from portal.files.models import StoredFile
from portal.ui.times import time_text
from tests.escalations.filing import files_root, made
from tests.escalations.pages_world import World
from tests.escalations.test_statutory import PDF
from tests.factories.statutory import ACK, jurisdiction_with

__all__ = ["files_root", "made"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def case(made: World) -> Case:
    """A complaint with a shared and an internal note, a removed one, a letter, and an answer with a file."""
    found = made.case(customer_ref="C-1", site_id=made.other_site.pk)
    worker = made.actor("associate")
    actions.add_note(actor=worker, ref=found.pk, text="zqinternal", shared=False)
    gone = actions.add_note(actor=worker, ref=found.pk, text="zqremoved", shared=True)
    actions.redact_entry(actor=worker, ref=found.pk, entry_id=gone.pk)
    actions.log_contact(
        actor=worker, ref=found.pk, channel="email", direction="out", outcome="sent", text="zqletter 退款"
    )
    law = jurisdiction_with(ack=5, final=56)
    received = timezone.now() - timedelta(days=1)
    actions.regulate(actor=worker, ref=found.pk, jurisdiction_id=law.pk, received_at=received)
    actions.answer_by_law(
        actor=worker, ref=found.pk, duties=[ACK], sent_at=timezone.now(), sent_by="Legal", channel="letter",
        upload=SimpleUploadedFile("退款/../letter one.pdf", PDF),
    )  # fmt: skip
    return found


def asked(made: World, case: Case, who: str = "associate") -> EvidencePack:
    return actions.ask_pack(actor=made.actor(who), ref=case.pk, reason="The regulator asks")


def ready(made: World, case: Case, who: str = "associate") -> EvidencePack:
    pack = asked(made, case, who)
    assert make_evidence() == 1
    pack.refresh_from_db()
    assert (pack.state, pack.fault) == ("ready", "")
    return pack


def had(client: Client, pack: EvidencePack) -> Any:
    return client.get(reverse("escalations:case-evidence-file", args=[f"EC-{pack.case_id}", pack.pk]))


def opened(client: Client, pack: EvidencePack) -> zipfile.ZipFile:
    answer = had(client, pack)
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def text_of(archive: zipfile.ZipFile, tmp_path: Path) -> str:
    path = tmp_path / "timeline.pdf"
    path.write_bytes(archive.read("timeline.pdf"))
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout


def test_every_hash_can_be_checked(made: World, case: Case) -> None:
    pack = ready(made, case)
    archive = opened(made.client("associate"), pack)
    assert archive.testzip() is None
    names = archive.namelist()
    assert sorted(names) == [
        "attachments/0001-letter_one.pdf", "case.json", "clocks.json", "manifest.json", "manifest.txt",
        "messages/0001.txt", "timeline.pdf",
    ]  # fmt: skip
    manifest = json.loads(archive.read("manifest.json"))
    listed = {one["path"]: one for one in manifest["files"]}
    assert set(listed) == set(names) - {"manifest.json", "manifest.txt"}
    for path, one in listed.items():
        content = archive.read(path)
        assert (len(content), hashlib.sha256(content).hexdigest()) == (one["bytes"], one["sha256"])
    assert listed["attachments/0001-letter_one.pdf"]["name"] == "letter one.pdf"
    assert archive.read("attachments/0001-letter_one.pdf") == PDF
    lines = dict(reversed(line.split("  ")) for line in archive.read("manifest.txt").decode().splitlines())
    assert set(lines) == set(names) - {"manifest.txt"}
    assert lines["manifest.json"] == hashlib.sha256(archive.read("manifest.json")).hexdigest() == pack.manifest_sha256
    page = made.client("associate").get(reverse("escalations:case-evidence", args=[case.ref])).text
    assert pack.manifest_sha256 in page
    trail = AuditEntry.objects.get(verb="case.evidence_made", subject_id=case.pk)
    assert trail.changes["manifest"] == pack.manifest_sha256


def test_a_pack_says_nothing_of_cases_beside_it(made: World, case: Case, tmp_path: Path) -> None:
    beside = made.case("Another guest")
    actions.link_cases(actor=made.actor("service_lead"), ref=case.pk, other=beside.ref, said="related")
    assert beside.ref in made.client("associate").get(reverse("escalations:case", args=[case.ref])).text
    archive = opened(made.client("associate"), ready(made, case))
    assert beside.ref not in text_of(archive, tmp_path)
    assert all(beside.ref.encode() not in archive.read(name) for name in archive.namelist())


def test_the_timeline_says_what_the_reader_may_read_in_both_zones(made: World, case: Case, tmp_path: Path) -> None:
    archive = opened(made.client("associate"), ready(made, case))
    text = text_of(archive, tmp_path)
    for word in (
        "zqinternal",
        "zqletter",
        "退款",
        "Acknowledgement by law",
        "Asia/Shanghai",
        "attachments/0001-letter_one.pdf",
    ):
        assert word in text, word
    entry = case.entries.get(code="statutory.answered")
    assert f"{entry.at:%Y-%m-%d %H:%M:%S}Z" in text
    assert "+0800" in text
    assert "zqremoved" not in text
    assert "[These words were removed.]" in text
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"zqremoved" not in everything
    letter = archive.read("messages/0001.txt").decode()
    assert "zqletter 退款" in letter
    clocks = json.loads(archive.read("clocks.json"))
    [ack] = [one for one in clocks if one["clock"] == "Acknowledgement by law"]
    assert {"name": "Jurisdiction", "value": ack["terms"][1]["value"]} in ack["terms"]
    assert [one["what"] for one in ack["history"]][-1] == "Met"


def test_the_same_case_gives_the_same_bytes(made: World, case: Case) -> None:
    first, second = ready(made, case), ready(made, case)
    assert (first.sha256, first.manifest_sha256) == (second.sha256, second.manifest_sha256)
    actions.add_note(actor=made.actor("associate"), ref=case.pk, text="More", shared=False)
    third = ready(made, case)
    assert third.sha256 != first.sha256


def test_it_holds_the_case_as_it_stood_when_it_was_asked_for(made: World, case: Case, tmp_path: Path) -> None:
    pack = asked(made, case)
    actions.add_note(actor=made.actor("associate"), ref=case.pk, text="zqlater", shared=False)
    make_evidence()
    pack.refresh_from_db()
    assert "zqlater" not in text_of(opened(made.client("associate"), pack), tmp_path)


def test_who_may_ask_and_have(made: World, case: Case) -> None:
    pack = ready(made, case)
    for who, status in (
        ("associate", 200), ("service_lead", 200), ("administrator", 403), ("auditor", 403), ("lead", 404),
        ("foreign_lead", 404), ("other_associate", 404), ("it", 404),
    ):  # fmt: skip
        client = made.client(who)
        assert client.get(reverse("escalations:case-evidence", args=[case.ref])).status_code == status, who
        answer = had(client, pack)
        assert answer.status_code == status, who
        assert status != 200 or b"".join(answer)
        assert client.get(reverse("files:file", args=[pack.file_id])).status_code == 404, who
    assert AuditEntry.objects.filter(verb="case.evidence_had", subject_id=case.pk).count() == 2
    answer = had(made.client("associate"), pack)
    assert b"".join(answer)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


def test_asking_needs_a_reason_and_says_how_large_it_becomes(made: World, case: Case) -> None:
    client, url = made.client("associate"), reverse("escalations:case-pack", args=[case.ref])
    page = client.get(url).text
    assert "1 file of" in page
    assert "200.0" in page
    assert client.post(url, {"reason": " "}).status_code == 422
    assert not EvidencePack.objects.exists()
    assert "is being made" in client.post(url, {"reason": "The regulator asks"}, follow=True).text
    entry = case.entries.get(code="evidence.asked")
    assert (entry.is_internal, entry.body.text) == (True, "The regulator asks")
    assert AuditEntry.objects.filter(verb="case.evidence_asked", subject_id=case.pk).count() == 1


def test_what_is_too_large_is_not_begun(made: World, case: Case) -> None:
    StoredFile.objects.filter(owner_kind="statutory_response").update(size=LARGEST_PACK + 1)
    with pytest.raises(actions.Refused, match="too large"):
        asked(made, case)
    assert not EvidencePack.objects.exists()


def test_a_double_press_asks_once(made: World, case: Case) -> None:
    client, url = made.client("associate"), reverse("escalations:case-pack", args=[case.ref])
    first, second = (client.post(url, {"reason": "The regulator asks"}) for _press in range(2))
    assert (first.status_code, second.status_code) == (302, 422)
    assert "is being made for you already" in second.text
    assert EvidencePack.objects.filter(case=case).count() == case.entries.filter(code="evidence.asked").count() == 1
    assert asked(made, case, "service_lead").state == "waiting", "a colleague asks for their own"
    assert make_evidence() == 2
    assert asked(made, case).state == "waiting", "again once it was made"


def test_nobody_fills_the_disk_with_packs_of_one_case(made: World, case: Case) -> None:
    now, who = timezone.now(), made.users["associate"]
    for day in range(5):
        EvidencePack.objects.create(
            case=case, asked_by=who, language="en", state="ready", file_id=uuid4(), expires_at=now + timedelta(days=3 + day),
            sha256="a" * 64, manifest_sha256="a" * 64,
        )  # fmt: skip
    with pytest.raises(actions.Refused) as no:
        asked(made, case)
    assert str(no.value) == (
        "5 packs of this case are ready for you. Use one of them; the oldest is deleted on "
        f"{time_text(now + timedelta(days=3), 'date')}."
    )
    assert asked(made, case, "service_lead").state == "waiting"
    assert asked(made, made.case("Another", site_id=made.other_site.pk)).state == "waiting"
    EvidencePack.objects.filter(case=case, expires_at__lt=now + timedelta(days=4)).update(state="expired", file_id=None)
    assert asked(made, case).state == "waiting"


def test_whoever_lost_access_meanwhile_gets_nothing(made: World, case: Case) -> None:
    pack = asked(made, case)
    Membership.objects.filter(user=made.users["associate"]).update(ended_at=timezone.now())
    assert make_evidence() == 0
    pack.refresh_from_db()
    assert (pack.state, pack.fault) == ("failed", "allowed")
    assert not StoredFile.objects.filter(owner_kind=PACK_FILES).exists()


def test_a_file_that_is_not_what_came_fails_the_pack(made: World, case: Case) -> None:
    row = StoredFile.objects.get(owner_kind="statutory_response")
    disk.path_of(row.pk).write_bytes(b"x" * row.size)
    pack = asked(made, case)
    assert make_evidence() == 0
    pack.refresh_from_db()
    assert (pack.state, pack.fault) == ("failed", "lost")


def test_no_room_for_the_archive_is_said(made: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    pack = asked(made, case)
    monkeypatch.setattr(disk, "write", full)
    assert make_evidence() == 0
    pack.refresh_from_db()
    assert (pack.state, pack.fault) == ("failed", "disk")


def test_removing_words_deletes_packs_that_hold_them(made: World, case: Case) -> None:
    pack, worker = ready(made, case), made.actor("associate")
    entry = case.entries.get(code="note.added", is_internal=True)
    actions.redact_entry(actor=worker, ref=case.pk, entry_id=entry.pk)
    pack.refresh_from_db()
    assert (pack.state, pack.file_id) == ("expired", None)
    assert had(made.client("associate"), pack).status_code == 404
    assert not StoredFile.objects.filter(owner_kind=PACK_FILES).exists()


def test_packs_are_deleted_after_a_while(made: World, case: Case, settings: Any) -> None:
    pack = ready(made, case)
    assert pack.expires_at is not None
    assert pack.expires_at - timezone.now() > timedelta(days=29)
    EvidencePack.objects.filter(pk=pack.pk).update(expires_at=timezone.now())
    make_evidence()
    pack.refresh_from_db()
    assert (pack.state, pack.file_id) == ("expired", None)
    page = made.client("associate").get(reverse("escalations:case-evidence", args=[case.ref])).text
    assert "Deleted" in page
    assert "Download" not in page


def test_what_kills_workers_again_and_again_is_given_up(made: World, case: Case) -> None:
    pack = asked(made, case)

    def dies(*args: Any) -> Any:
        raise RuntimeError("broken")

    for _try in range(5):
        with pytest.raises(RuntimeError):
            evidence.make_packs(dies)
        assert evidence.make_packs(dies) == 0, "not at once again"
        EvidencePack.objects.filter(pk=pack.pk).update(not_before=None)
    assert evidence.make_packs(build) == 0
    pack.refresh_from_db()
    assert (pack.state, pack.fault) == ("failed", "broken")


def test_a_merged_case_is_in_the_pack_only_for_who_sees_it(made: World, case: Case, tmp_path: Path) -> None:
    lead = made.actor("service_lead")
    other = made.case("Other matter", site_id=made.other_site.pk)
    actions.add_note(actor=lead, ref=other.pk, text="zqmerged", shared=False)
    actions.merge(actor=lead, source=other.pk, target=case.pk, reason="Same matter")
    pack = ready(made, case)
    assert pack.cases == [case.pk, other.pk]
    assert "zqmerged" in text_of(opened(made.client("associate"), pack), tmp_path)
    Case.objects.filter(pk=other.pk).update(sensitivity="restricted")
    assert had(made.client("associate"), pack).status_code == 404
    assert "zqmerged" not in text_of(opened(made.client("associate"), ready(made, case)), tmp_path)
