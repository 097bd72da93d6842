"""Evidence packs: what is in them, that it can be proved, and that it is the same however often it is made."""

import errno
import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.actions import evidence
from escalations.choices.evidence import PACK_FILES
from escalations.models import Case, EvidencePack
from escalations.rendering.evidence import build
from escalations.tasks import make_evidence
from portal.accounts.models import Membership
from portal.audit.models import AuditEntry
from portal.files import disk
from portal.files.models import StoredFile
from tests.escalations.filing import files_root, made
from tests.escalations.packing import asked, case, had, opened, ready, text_of
from tests.escalations.pages_world import World
from tests.escalations.test_statutory import PDF
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive
from tests.factories.channels import ChannelEndpointFactory, bring

__all__ = ["case", "files_root", "made"]
pytestmark = pytest.mark.django_db


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


def test_a_mail_that_is_longer_than_the_stream_keeps_is_in_it_to_its_end(made: World) -> None:
    box = ServiceMailboxFactory(service=made.service)
    long, asked = "water " * 4_000 + "zqend", "> terms\n" * 900 + "> zqlast"
    case = case_of(
        receive(box, f"{long}\n\nOn Sun, you wrote:\n{asked}", subject="Water", sender="ming@guest.example.test")
    )
    entry = case.entries.get(code="mail.in")
    assert "zqend" not in entry.body.text
    assert "zqlast" not in entry.mail_in.quoted
    archive = opened(made.client("associate"), ready(made, case))
    said = archive.read("messages/0001.txt").decode()
    assert (said.count("water"), said.count("zqend")) == (4_000, 1)
    assert (said.count("> terms"), said.count("> zqlast")) == (900, 1)


def test_what_the_customer_wrote_and_said_is_in_it(made: World) -> None:
    box = ServiceMailboxFactory(service=made.service)
    mail = {"subject": "Locked out", "id": "<1@guest>", "sender": "ming@guest.example.test"}
    case = case_of(
        receive(box, "zqmail 门打不开\n\nOn Sun, you wrote:\n> zqquoted", files={"door.txt": b"log"}, **mail)
    )
    chat = bring(ChannelEndpointFactory(service=made.service), "zqchat", sender="mei").entry
    assert chat is not None
    actions.merge(actor=made.actor("associate"), source=chat.case.ref, target=case.ref, reason="The same guest")
    inward = {"channel": "phone", "direction": "in", "outcome": "received"}
    actions.log_contact(actor=made.actor("associate"), ref=case.pk, text="zqsaid", **inward)
    gone = actions.log_contact(actor=made.actor("associate"), ref=case.pk, text="zqgone", **inward)
    actions.redact_entry(actor=made.actor("associate"), ref=case.pk, entry_id=gone.pk)
    archive = opened(made.client("associate"), ready(made, case))
    listed = {one["path"]: one["sha256"] for one in json.loads(archive.read("manifest.json"))["files"]}
    said = {}
    for name in archive.namelist():
        if name.startswith("messages/"):
            said[name] = archive.read(name).decode()
            assert listed[name] == hashlib.sha256(archive.read(name)).hexdigest()
    assert len(said) == 4
    everything = "\n".join(said.values())
    for word in ("zqmail 门打不开", "> zqquoted", "ming@guest.example.test", "zqchat", "Sender: mei", "zqsaid"):
        assert word in everything, word
    assert "zqgone" not in everything
    assert everything.count("[The words of this message were removed.]") == 1
    assert everything.count("From the customer") == 4
    assert "attachments/0001-door.txt" in listed


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
