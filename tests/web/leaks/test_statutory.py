"""That a case is a regulated complaint, and what was sent, reaches those inside it alone."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from escalations import actions
from escalations.choices.statutory import RESPONSE_FILES
from escalations.models import StatutoryResponse, TimelineEntry
from escalations.queries.statutory import duties_of
from portal.accounts.rules import SYSTEM
from portal.files.models import StoredFile
from tests.factories.statutory import ACK, FINAL, jurisdiction_with
from tests.web.hidden import COMMON, NOBODY, Secrets
from tests.web.leaks.seeing import leaks, text_of

pytestmark = pytest.mark.django_db
LINES = b"zqevidencexw\n"


@pytest.fixture
def told(found: Secrets) -> Secrets:
    """Every case is a complaint with a reference, one answer to which was recorded with a file."""
    law = jurisdiction_with(ack=5, final=56)
    for case in found.cases.values():
        received = timezone.now() - timedelta(days=1)
        actions.regulate(
            actor=SYSTEM, ref=case.pk, jurisdiction_id=law.pk, received_at=received, complaint_ref=case.word("internal")
        )
        actions.answer_by_law(
            actor=SYSTEM, ref=case.pk, duties=[ACK], sent_at=timezone.now(), sent_by="zqsenderxw", channel="letter",
            text=case.word("internal"), upload=SimpleUploadedFile("zqletterxw.txt", LINES),
        )  # fmt: skip
    assert StatutoryResponse.objects.count() == len(found.cases)
    return found


def test_only_those_inside_read_of_complaints_and_answers(told: Secrets) -> None:
    wrong = []
    for case in told.cases.values():
        for who in told.people:
            shown = text_of(told.clients[who], f"/cases/{case.ref}/")
            assert ("Final response by law" in shown) is (who in case.inside), who
            for url in (f"/cases/{case.ref}/", f"/cases/{case.ref}/deadlines/", f"/cases/{case.ref}/regulate/"):
                page = text_of(told.clients[who], url)
                wrong += leaks(told, who, page, url, refs=False)
                hidden = [word for word in ("zqsenderxw", "zqletterxw", "zqevidencexw") if word in page]
                wrong += [f"{who} {url}: {hidden}"] if hidden and who not in case.inside else []
            page = text_of(told.clients[who], f"/cases/{case.ref}/deadlines/")
            assert ("zqsenderxw" in page) is (who in case.inside), who
    assert wrong == []


def test_nobody_outside_reads_a_file_or_a_clock_or_records_an_answer(told: Secrets) -> None:
    for case in told.cases.values():
        entry = TimelineEntry.objects.get(case=case.pk, code="statutory.answered")
        file = StoredFile.objects.get(owner_kind=RESPONSE_FILES, owner_id=str(entry.pk))
        for who in set(told.people) - case.inside - set(NOBODY):
            client = told.clients[who]
            assert client.get(reverse("files:file", args=[file.pk])).status_code == 404, who
            for door in ("answer", "lift"):
                said = {"duties": [FINAL], "reason": "x"}
                assert client.post(f"/cases/{case.ref}/deadlines/{door}/", said).status_code == 404, who
            for clock in duties_of(case.pk):
                assert client.get(reverse("sla:clock", args=[clock.id])).status_code == 404, who
        assert [view.state for view in duties_of(case.pk)] == ["met", "running"]


def test_lists_searches_and_inboxes_say_nothing_of_it(told: Secrets) -> None:
    for who in told.people:
        for url in ("/", f"/queue/?q={COMMON}", "/search/?q=zqsender", "/inbox/?show=all"):
            page = text_of(told.clients[who], url)
            assert leaks(told, who, page, url) == []
            assert "zqsenderxw" not in page
            assert "zqletterxw" not in page
            if not any(who in case.inside for case in told.cases.values()):
                assert "by law" not in page


def test_what_ended_cases_owe_is_told_to_those_who_work_them(told: Secrets) -> None:
    for case in told.cases.values():
        actions.set_state(actor=SYSTEM, ref=case.pk, verb="start")
        actions.set_state(actor=SYSTEM, ref=case.pk, verb="resolve", reason="x")
    wrong, readers = [], set()
    for who in told.people:
        for headers in ({}, {"HX-Request": "true"}):
            page = text_of(told.clients[who], "/day/owed_by_law/", headers=headers)
            wrong += leaks(told, who, page, "/day/owed_by_law/")
            named = {case.key for case in told.cases.values() if case.ref in page}
            wrong += [f"{who}: {key}" for key in named if who not in told.cases[key].inside]
            readers |= {who} if named else set()
    assert wrong == []
    assert {"associate", "service_lead", "coordinator", "manager", "stand_in", "other_associate"} <= readers
    assert not readers & {"administrator", "auditor", "lead", "qa", "agent", *NOBODY}
