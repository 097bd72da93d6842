"""Real workers are killed while mail comes in and goes out: nothing is lost, nothing is there twice, nothing half."""

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
from portal.mailbox.models import InboundMessage, Mailbox
from portal.notifications.models import OutboxRow
from sla.models import Clock
from tests.browser.test_worker_dies import PATIENCE
from tests.databases import Database
from tests.escalations import post_office
from tests.escalations.mailing import words
from tests.escalations.pages_world import world
from tests.escalations.processes import killed_at, run, running
from tests.factories.case_mail import ServiceMailboxFactory
from tests.factories.mailbox import message
from tests.mailbox import imap

pytestmark = pytest.mark.processes


@pytest.fixture
def files(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the test and its workers keep files."""
    settings.FILES_ROOT = tmp_path / "files"
    monkeypatch.setenv("FILES_ROOT", str(tmp_path / "files"))


def counts() -> tuple[int, ...]:
    rows = (InboundMessage, Case, InboundMail, TimelineEntry, Clock)
    return tuple(model.objects.count() for model in rows)


def test_killed_while_mail_comes_in(fresh_database: Database, files: None) -> None:
    with imap.running() as server:
        box = ServiceMailboxFactory(service=world().service, mailbox__port=server.port)
        server.put(message("One", headers={"Message-ID": "<1@g>"}, files={"a.txt": b"log"}))
        server.put(message("Two", headers={"Message-ID": "<2@g>", "In-Reply-To": "<1@g>"}))
        server.put(message("Other", headers={"Message-ID": "<3@g>"}))
        killed_at(fresh_database, "mailbox_inboundmessage", poll(box.mailbox))
        assert counts() == (0, 0, 0, 0, 0)
        assert not any(one.seen for one in server.messages)
        killed_at(fresh_database, "escalations_timelineentry", poll(box.mailbox))
        assert counts() == (3, 0, 0, 0, 0), "kept, and of the case nothing"
        handle = "from portal.mailbox.tasks import handle; handle()"
        run(fresh_database, f"{handle}; {poll(box.mailbox)}; {handle}")
        assert counts() == (3, 2, 3, 5, 5)
        assert all(one.seen for one in server.messages)
    first = Case.objects.order_by("pk")[0]
    assert words(first, "mail.in") == ["One", "Two"]
    assert StoredFile.objects.filter(owner_kind="case.mail", name="a.txt").count() == 1


def poll(box: Mailbox) -> str:
    return f"from portal.mailbox.tasks import poll_one; poll_one({box.pk})"


def test_killed_between_handing_a_mail_over_and_marking_it(
    fresh_database: Database, files: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with post_office.running() as post:
        for name, value in post.environment().items():
            monkeypatch.setenv(name, value)
        box: ServiceMailbox = ServiceMailboxFactory(service=world().service)
        case = actions.create_case(actor=SYSTEM, service_id=box.service_id, site_id=None, subject="Locked out")
        said = {"to": "g@guest.test", "subject": "S", "text": "T", "once": uuid.uuid4()}
        entry = actions.send_mail(actor=SYSTEM, ref=case.pk, **said)
        post.acknowledge.clear()
        send = "from portal.notifications.tasks import send; send()"
        with running(fresh_database, send):
            assert post.arrived.wait(PATIENCE)
        post.acknowledge.set()
        assert OutboundMail.objects.get(entry=entry).state == "queued"
        OutboxRow.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
        run(fresh_database, f"{send}; send()")
        letter = OutboundMail.objects.get(entry=entry)
        assert (letter.state, OutboxRow.objects.get(topic="mail").attempts) == ("sent", 2)
        assert {one["Message-ID"] for one in post.got} == {letter.message_id}, "one and the same to whoever reads it"
        assert len(post.got) == 2
        assert TimelineEntry.objects.filter(case=case, code="mail.out").count() == 1
