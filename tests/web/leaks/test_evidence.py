"""Evidence packs hold what whoever asked may read, and are for those alone who may see all of it."""

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from escalations import actions
from escalations.models import EvidencePack
from escalations.tasks import make_evidence
from portal.accounts.queries import actor_for
from tests.web.hidden import NOBODY, Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db
READS_ONLY = {"administrator", "auditor"}


@pytest.fixture
def packed(found: Secrets, settings: Any, tmp_path: Path) -> Secrets:
    """A pack of every case, asked for by the first who may."""
    settings.FILES_ROOT = tmp_path / "files"
    EvidencePack.objects.update(state="failed", fault="broken")
    for case in found.cases.values():
        who = sorted(case.inside - READS_ONLY - {name for name in case.inside if name.startswith("stand_in")})[0]
        actor = actor_for(found.made.world.users[who])
        actions.ask_pack(actor=actor, ref=case.pk, reason=case.word("internal"))
    make_evidence()
    assert EvidencePack.objects.filter(state="ready").count() == len(found.cases)
    return found


def words_of(content: bytes, tmp_path: Path) -> str:
    """Everything that can be read in an archive."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    path = tmp_path / "timeline.pdf"
    path.write_bytes(archive.read("timeline.pdf"))
    drawn = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return drawn + "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def test_only_those_who_may_see_everything_have_it_and_nothing_foreign_is_in_it(
    packed: Secrets, tmp_path: Path
) -> None:
    for case in packed.cases.values():
        pack = EvidencePack.objects.get(case=case.pk, state="ready")
        url = reverse("escalations:case-evidence-file", args=[case.ref, pack.pk])
        having = set()
        for who in packed.people:
            answer = packed.clients[who].get(url)
            if answer.status_code == 200:
                having.add(who)
                text = words_of(b"".join(answer), tmp_path)
                assert case.word("internal") in text
                others = [one for one in packed.cases.values() if one is not case]
                assert [
                    one.word(place) for one in others for place in ("subject", "internal") if one.word(place) in text
                ] == []
                assert case.word("redacted") not in text
            assert packed.clients[who].get(reverse("files:file", args=[pack.file_id])).status_code in (302, 404), who
        assert having == {who for who in case.inside if who not in READS_ONLY}, case.key


def test_nobody_else_learns_that_there_is_one(packed: Secrets) -> None:
    wrong = []
    for case in packed.cases.values():
        pack = EvidencePack.objects.get(case=case.pk, state="ready")
        for who in set(packed.people) - case.inside - set(NOBODY):
            for door in ("evidence/", "pack/", f"evidence/{pack.pk}/file/"):
                page = text_of(packed.clients[who], f"/cases/{case.ref}/{door}")
                wrong += leaks(packed, who, page, door, refs=False)
                if pack.manifest_sha256 in page:
                    wrong.append(f"{who} {door}")
            assert packed.clients[who].post(f"/cases/{case.ref}/pack/", {"reason": "x"}).status_code in (403, 404), who
    assert wrong == []
    assert EvidencePack.objects.filter(state="ready").count() == len(packed.cases)
    assert not EvidencePack.objects.filter(state="waiting").exists()
