"""Mail of a case is seen with its case and nowhere else: words, addresses, files, notices, the trail, the mailboxes' pages."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from escalations import actions
from escalations.models import Case, InboundMail, OutboundMail, ServiceMailbox, TimelineEntry
from portal.accounts.rules import SYSTEM
from portal.files.models import StoredFile
from portal.mailbox.models import InboundMessage
from portal.notifications import tasks
from portal.notifications.choices import MAIL_TOPICS
from portal.notifications.models import Notification, OutboxRow
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive
from tests.factories.escalations import CaseFactory
from tests.notifications.smtp import Sink
from tests.web.hidden import Secrets
from tests.web.leaks.seeing import pages, text_of

pytestmark = pytest.mark.django_db
WORD, ADDRESS, FILE = "zqmailwordsxw", "zqsenderxw@guest.test", "zqfilexw.txt"
SECRETS = (WORD, ADDRESS, FILE, "zqsubjectofmailxw", "zqanswerxw", "zqserversaysxw")
INSIDE = {
    "confidential": {"associate", "service_lead", "auditor", "stand_in_of_service_lead"},
    "restricted": {"service_lead"},
}


@pytest.fixture(params=["confidential", "restricted"])
def written(found: Secrets, settings: Settings, tmp_path: Path, sink: Sink, request: pytest.FixtureRequest) -> Case:
    """A case that began with a mail, has a file, an answer that the server refused, and is sensitive by now."""
    settings.FILES_ROOT = tmp_path / "files"
    world = found.made.world
    box: ServiceMailbox = ServiceMailboxFactory(service=world.service, site=world.site)
    row = receive(
        box, f"{WORD}\n\n> {WORD} quoted", sender=ADDRESS, subject="zqsubjectofmailxw", id="<zq@guest>",
        files={FILE: b"log", "zqfilexw.svg": b"<svg></svg>"}, html=f"<p>{WORD}</p>",
    )  # fmt: skip
    case = case_of(row)
    lead = world.actor("service_lead")
    actions.assign(actor=lead, ref=case.pk, owner_id=world.users["service_lead"].pk)
    actions.set_sensitivity(actor=lead, ref=case.pk, sensitivity=request.param)
    actions.watch(actor=lead, ref=case.pk)
    receive(box, f"{WORD} again", sender=ADDRESS, subject="zqsubjectofmailxw", headers={"In-Reply-To": "<zq@guest>"})
    actions.send_mail(
        actor=lead, ref=case.pk, to=ADDRESS, subject="zqsubjectofmailxw", text="zqanswerxw", once=uuid.uuid4()
    )
    _refuse(OutboundMail.objects.get(entry__case=case).key, sink)
    case.refresh_from_db()
    return case


def _refuse(key: str, sink: Sink) -> None:
    """The next letter to go is this one, and the server takes it for nobody's."""
    later = timezone.now() + timedelta(days=1)
    waiting = OutboxRow.objects.filter(topic__in=MAIL_TOPICS, state="pending")
    waiting.exclude(idempotency_key=key).update(next_attempt_at=later)
    sink.answers["RCPT"] = [f"550 5.1.1 <{ADDRESS}> zqserversaysxw"]
    tasks.send()


def test_no_page_shows_it_to_those_who_do_not_see_the_case(found: Secrets, written: Case) -> None:
    wrong = []
    for url in pages(found):
        for who in ("administrator", "coordinator"):
            page = text_of(found.clients[who], url)
            wrong += [(who, url, word) for word in SECRETS if word in page]
    assert wrong == []


def test_a_letter_that_failed_is_on_the_list_without_its_address_and_reason(found: Secrets, written: Case) -> None:
    row = OutboxRow.objects.get(idempotency_key=OutboundMail.objects.get(entry__case=written).key)
    assert (row.state, row.payload["to"]) == ("dead", ADDRESS)
    assert ADDRESS in row.last_error
    page = text_of(found.clients["administrator"], "/inbox/failed/")
    assert f'id="dead-{row.pk}"' in page
    assert f'id="retry-{row.pk}"' in page
    assert [word for word in SECRETS if word in page] == []
    Case.objects.filter(pk=written.pk).update(sensitivity="standard")
    page = text_of(found.clients["administrator"], "/inbox/failed/")
    assert (ADDRESS in page, "zqserversaysxw" in page) == (True, True)
    survivor = CaseFactory(service=found.made.world.service, sensitivity="restricted")
    actions.merge(actor=SYSTEM, source=written.pk, target=survivor.pk, reason="Same guest")
    page = text_of(found.clients["administrator"], "/inbox/failed/")
    assert [word for word in SECRETS if word in page] == []


def test_what_is_logged_of_a_letter_that_failed_is_its_key(
    found: Secrets, written: Case, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    letter = OutboundMail.objects.get(entry__case=written)
    actions.send_again(actor=found.made.world.actor("service_lead"), ref=written.pk, entry_id=letter.entry_id)
    _refuse(letter.key, sink)
    letter.refresh_from_db()
    assert letter.state == "failed"
    assert [one for one in caplog.messages if letter.key in one] == [f"Mail {letter.key} was refused: 550"]
    assert [word for word in SECRETS if word in caplog.text] == []


def test_its_own_addresses_answer_as_if_there_were_nothing(found: Secrets, written: Case) -> None:
    entries = TimelineEntry.objects.filter(case=written, code__startswith="mail.").values_list("pk", flat=True)
    files = StoredFile.objects.filter(name__startswith="zqfilexw").values_list("pk", flat=True)
    raw = InboundMessage.objects.filter(subject="zqsubjectofmailxw").values_list("raw_id", flat=True)
    urls = [f"/cases/{written.ref}/entries/{pk}/mail/" for pk in entries] + [f"/cases/{written.ref}/mail/"]
    urls += [f"/files/{pk}/" for pk in [*files, *raw]]
    assert len(urls) == 8
    for who in set(found.people) - INSIDE[written.sensitivity] - {"anonymous", "deactivated"}:
        for url in urls:
            assert found.clients[who].get(url).status_code == 404, (who, url)
        again = f"/cases/{written.ref}/entries/{entries[0]}/mail/again/"
        assert found.clients[who].post(again).status_code == 404, who
    for url in urls[:3]:
        assert found.clients["service_lead"].get(url).status_code == 200
    assert WORD in text_of(found.clients["service_lead"], urls[0])


def test_a_copy_of_it_in_trouble_is_read_by_nobody(found: Secrets, written: Case) -> None:
    """One that a banner makes another message, through another mailbox, which refers to nothing."""
    second = ServiceMailboxFactory(service=found.made.world.service)
    row = receive(
        second, f"Mail from outside!\n\n{WORD}", sender=ADDRESS, subject="zqsubjectofmailxw", id="<zq@guest>",
        files={FILE: b"log"},
    )  # fmt: skip
    assert (row.state, row.reference, row.answers) == ("failed", "", [])
    files = StoredFile.objects.filter(owner_kind="mailbox.message", owner_id=str(row.pk)).values_list("pk", flat=True)
    assert len(files) == 2
    InboundMessage.objects.filter(pk=row.pk).update(last_error=f"HeaderParseError: expected atom at {ADDRESS} {WORD}")
    page = text_of(found.clients["administrator"], "/mailboxes/messages/")
    assert "<span>HeaderParseError</span>" in page
    assert [word for word in SECRETS if word in page] == []
    for who in set(found.people) - {"anonymous", "deactivated"}:
        assert {found.clients[who].get(f"/files/{pk}/").status_code for pk in files} == {404}, who


def test_nobody_hears_of_it_who_does_not_see_the_case(found: Secrets, written: Case) -> None:
    letter = OutboundMail.objects.get(entry__case=written)
    row = OutboxRow.objects.get(idempotency_key=letter.key)
    assert (row.payload["subject"], "references" in row.payload) == (f"[{written.ref}]", True)
    tasks.fan_out()
    told = Notification.objects.filter(kind__startswith="case.mail", subject_ids__contains=[written.pk])
    assert set(told.values_list("recipient__name", flat=True)) == {"Service Lead"}
    assert not any(word in str(one.params) for one in told for word in SECRETS)


def test_a_stranger_learns_nothing_from_a_reference(found: Secrets, written: Case) -> None:
    box = ServiceMailbox.objects.get(mailbox__pk=InboundMail.objects.order_by("pk")[0].message.mailbox_id)
    # Notices are fanned out, and systems hear of the new standard case; neither goes to whoever wrote.
    letters = OutboxRow.objects.exclude(topic__in=("fanout", "case_event"))
    out = letters.count()
    for ref in (written.ref, "EC-999999"):
        row = receive(box, "Tell me", sender="eve@evil.test", subject=f"[{ref}] status?")
        assert row.state == "done"
    assert letters.count() == out, "no answer goes out for either"
