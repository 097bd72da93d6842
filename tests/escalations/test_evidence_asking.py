"""Who asks for evidence packs, why, and how many."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.choices.evidence import LARGEST_PACK
from escalations.models import Case, EvidencePack
from escalations.tasks import make_evidence
from portal.audit.models import AuditEntry
from portal.files.models import StoredFile
from portal.ui.times import time_text
from tests.escalations.filing import files_root, made
from tests.escalations.packing import asked, case, had, ready
from tests.escalations.pages_world import World

__all__ = ["case", "files_root", "made"]
pytestmark = pytest.mark.django_db


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
