"""Mail on pages: what the activity shows, a whole message, writing one, and the mailboxes of a service."""

import uuid

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalations import actions
from escalations.models import InboundMail, OutboundMail, ServiceMailbox
from portal.accounts.rules import SYSTEM
from portal.files.models import StoredFile
from portal.mailbox.models import InboundMessage
from tests.escalations.mailing import box, files_root, made
from tests.escalations.pages_world import HTMX, World
from tests.factories.case_mail import ServiceMailboxFactory, case_of, receive
from tests.factories.mailbox import MailboxFactory

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def test_the_activity_shows_words_address_files_and_what_it_answers(made: World, box: ServiceMailbox) -> None:
    text = "Still <b>waiting</b>\n\nOn Sun, 22 Nov 2026 at 10:00, Care <care@x.test> wrote:\n> Earlier words\n"
    row = receive(
        box, text, files={"receipt.txt": b"paid", "evil.svg": SVG}, html="<p>Still <i>waiting</i></p><script>x</script>"
    )
    case, client = case_of(row), made.client("associate")
    page = client.get(f"/cases/{case.ref}/").content.decode()
    assert "Still &lt;b&gt;waiting&lt;/b&gt;" in page
    assert "ming@guest.example.test" in page
    assert "<summary>What it answers</summary>" in page
    assert "&gt; Earlier words" in page
    file = StoredFile.objects.get(name="receipt.txt")
    assert f'href="/files/{file.pk}/"' in page
    assert "1 file was not taken" in page
    whole = client.get(f"/cases/{case.ref}/entries/{InboundMail.objects.get().entry_id}/mail/").content.decode()
    assert "<p>Still <i>waiting</i></p>" in whole
    assert "<script>x" not in whole
    assert "evil.svg" in whole
    assert "its type is not taken" in whole
    assert b"".join(client.get(f"/files/{file.pk}/")) == b"paid"


def test_what_was_not_taken_is_for_leads_alone_and_can_do_nothing(made: World, box: ServiceMailbox) -> None:
    case = case_of(receive(box, "See", files={"evil.svg": SVG, "photo.png.exe": b"MZ\0\0", "x.gif": b"<html><script>"}))
    entry = InboundMail.objects.get().entry_id
    assert {why for _id, why in InboundMail.objects.get().held} == {"type"}
    held = StoredFile.objects.get(name="evil.svg")
    for who in ("associate", "other_associate", "administrator", "coordinator", "auditor"):
        assert made.client(who).get(f"/files/{held.pk}/").status_code == 404, who
    answer = made.client("service_lead").get(f"/files/{held.pk}/")
    assert b"".join(answer) == SVG
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment")
    assert (
        f"/files/{held.pk}/"
        in made.client("service_lead").get(f"/cases/{case.ref}/entries/{entry}/mail/").content.decode()
    )
    assert (
        f"/files/{held.pk}/"
        not in made.client("associate").get(f"/cases/{case.ref}/entries/{entry}/mail/").content.decode()
    )


def test_a_file_without_words_can_be_removed_as_well(made: World, box: ServiceMailbox) -> None:
    case = case_of(receive(box, "", subject="My passport", files={"p.txt": b"X1"}))
    entry = InboundMail.objects.get().entry_id
    assert "My passport" in case.entries.get(pk=entry).body.text
    assert made.client("service_lead").post(f"/cases/{case.ref}/entries/{entry}/remove/").status_code == 302
    assert not StoredFile.objects.exclude(owner_kind="").exists()


def test_a_page_with_many_mails_costs_one_query_more_at_most(made: World, box: ServiceMailbox) -> None:
    case = case_of(receive(box, "One", id="<1@g>", files={"a.txt": b"1"}))
    client = made.client("associate")
    client.get(f"/cases/{case.ref}/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(f"/cases/{case.ref}/")
    for number in range(5):
        receive(box, f"More {number}", headers={"In-Reply-To": "<1@g>"}, files={"b.txt": b"2"})
    with CaptureQueriesContext(connection) as many:
        client.get(f"/cases/{case.ref}/")
    assert len(many) == len(few)


def form(page: str) -> str:
    return page.partition('name="once" value="')[2].partition('"')[0]


def test_writing_a_mail_from_the_page(made: World, box: ServiceMailbox) -> None:
    case, client = case_of(receive(box, "One", subject="Locked out")), made.client("associate")
    assert f'hx-get="/cases/{case.ref}/mail/"' in client.get(f"/cases/{case.ref}/").content.decode()
    page = client.get(f"/cases/{case.ref}/mail/").content.decode()
    assert 'value="ming@guest.example.test"' in page
    assert 'value="Locked out"' in page
    once = form(page)
    said = {
        "to": "ming@guest.example.test",
        "subject": "Locked out",
        "text": "We are on it.",
        "signature": "en",
        "once": once,
    }
    for _twice in range(2):
        assert client.post(f"/cases/{case.ref}/mail/", said).status_code == 302
    letter = OutboundMail.objects.get()
    assert (letter.subject, letter.entry.body.text) == (
        f"[{case.ref}] Locked out", "We are on it.\n\n-- \nYour care team",
    )  # fmt: skip
    page = client.get(f"/cases/{case.ref}/").content.decode()
    assert "Being sent" in page
    assert "We are on it." in page
    assert django_mail.outbox == [], "it goes by the worker"
    OutboundMail.objects.update(state="sent", settled_at=timezone.now())
    page = client.get(f"/cases/{case.ref}/").content.decode()
    assert "</svg>Sent</span>" in page
    assert "Handed over" not in page, "so are cases, from one to another"


@pytest.mark.parametrize(("field", "value"), [
    ("to", "no address"), ("to", ""), ("text", " "), ("subject", ""), ("once", "x"), ("text", "x" * 20_001),
    ("to", "a@b.test\nBcc: c@d.test"), ("signature", "fr"),
])  # fmt: skip
def test_a_mail_that_cannot_go_is_refused_at_its_field(
    made: World, box: ServiceMailbox, field: str, value: str
) -> None:
    case = case_of(receive(box, "One"))
    said = {"to": "a@b.test", "subject": "S", "text": "T", "once": str(uuid.uuid4()), field: value}
    answer = made.client("associate").post(f"/cases/{case.ref}/mail/", said, headers=HTMX)
    assert (answer.status_code, OutboundMail.objects.count()) == (422, 0)
    assert "aria-invalid" in answer.content.decode() or field == "once"


def test_a_service_without_a_mailbox_offers_no_mail(made: World) -> None:
    case = made.case()
    client = made.client("associate")
    assert f"/cases/{case.ref}/mail/" not in client.get(f"/cases/{case.ref}/").content.decode()
    assert client.get(f"/cases/{case.ref}/mail/").status_code == 403
    with pytest.raises(actions.Refused):
        actions.send_mail(actor=SYSTEM, ref=case.pk, to="a@b.test", subject="S", text="T", once=uuid.uuid4())


def test_a_lead_gives_the_service_a_mailbox_and_what_waited_comes_in(made: World) -> None:
    free, taken = MailboxFactory(handler="case", name="Care"), ServiceMailboxFactory(service=made.other_service)
    waiting = receive(ServiceMailbox(service=made.service, mailbox=free), "Early")
    assert waiting.state == "failed"
    client, url = made.client("service_lead"), f"/services/{made.service.code}/mail/"
    page = client.get(url).content.decode()
    assert "Care" in page
    assert taken.mailbox.name not in page
    assert client.post(url, {"mailbox": taken.mailbox_id}).status_code == 422
    assert client.post(url, {"mailbox": free.pk, "site": made.site.pk, "signature": "Bye"}).status_code == 302
    box = ServiceMailbox.objects.get(service=made.service)
    assert (box.mailbox, box.site, box.signature) == (free, made.site, "Bye")
    assert InboundMessage.objects.get(pk=waiting.pk).state == "new"
    change = f"{url}{box.pk}/"
    assert client.post(change, {"version": 1, "signature": "Hi", "plus_address": "on"}).status_code == 302
    assert client.post(change, {"version": 1, "signature": "Late"}).status_code == 422
    box.refresh_from_db()
    assert (box.signature, box.site, box.plus_address) == ("Hi", None, True)
    elsewhere = f"/services/{made.service.code}/mail/{taken.pk}/"
    assert client.post(f"{elsewhere}release/").status_code == 404
    assert client.post(f"{change}release/").status_code == 302
    assert not ServiceMailbox.objects.filter(pk=box.pk).exists()


def test_removing_the_words_of_a_mail_removes_them_everywhere(made: World, box: ServiceMailbox) -> None:
    row = receive(
        box,
        "My passport is X1-7731-000\n> quoted",
        html="<p>My passport is X1-7731-000</p>",
        files={"p.txt": b"X1-7731-000"},
    )
    case, mail = case_of(row), InboundMail.objects.get()
    lead = made.client("service_lead")
    file = StoredFile.objects.get(name="p.txt")
    assert lead.post(f"/cases/{case.ref}/entries/{mail.entry_id}/remove/").status_code == 302
    row.refresh_from_db()
    mail.refresh_from_db()
    assert (row.text, row.html, row.quoted, row.subject, row.raw, mail.quoted, mail.files) == (
        "",
        "",
        "",
        "",
        None,
        "",
        0,
    )
    assert set(StoredFile.objects.values_list("owner_kind", flat=True)) == {""}, "to be purged"
    assert lead.get(f"/files/{file.pk}/").status_code == 404
    for url in (f"/cases/{case.ref}/", f"/cases/{case.ref}/entries/{mail.entry_id}/mail/"):
        assert "X1-7731-000" not in lead.get(url).content.decode()
