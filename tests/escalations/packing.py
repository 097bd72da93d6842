"""A case with everything that an evidence pack may hold, packs of it, and what was downloaded."""

import io
import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.models import Case, EvidencePack
from escalations.tasks import make_evidence
from tests.escalations.pages_world import World
from tests.escalations.test_statutory import PDF
from tests.factories.statutory import ACK, jurisdiction_with


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
