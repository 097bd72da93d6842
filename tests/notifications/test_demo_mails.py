"""The demo's mail page: what people would have got, shown safely."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from portal.accounts.choices import Role
from portal.notifications import tasks
from portal.notifications.models import DemoMail, OutboxRow
from tests.factories.accounts import administrator, somebody
from tests.factories.notifications import DemoMailFactory, MailRowFactory

pytestmark = pytest.mark.django_db
EVIL = "<p>Hello</p><script>alert(1)</script><img src=https://evil.test/x.png>"


@pytest.fixture(autouse=True)
def demo(settings: Settings) -> None:
    """A demo, whose mail goes into its table."""
    settings.PORTAL_MODE = "demo"
    settings.MAILERS = {"default": {"BACKEND": "portal.notifications.mail.DemoMailBackend"}}


@pytest.fixture
def admin(client: Client) -> Client:
    """The browser of an administrator."""
    client.force_login(administrator())
    return client


def test_what_is_sent_appears_on_the_page_once_even_if_it_was_sent_twice(admin: Client) -> None:
    row = MailRowFactory(
        idempotency_key="Your case",
        payload={"to": "mei@example.test", "subject": "案件已分配", "text": "T", "html": "<p>H"},
    )
    tasks.send()
    OutboxRow.objects.update(state="pending", sent_at=None, payload=row.payload)
    tasks.send()
    assert DemoMail.objects.count() == 1
    text = admin.get("/inbox/mails/").content.decode()
    assert "案件已分配" in text
    assert "mei@example.test" in text


def test_what_is_held_for_the_morning_is_announced(admin: Client) -> None:
    assert "Waiting for their hour" not in admin.get("/inbox/mails/").content.decode()
    MailRowFactory(idempotency_key="notice:77")
    text = admin.get("/inbox/mails/").content.decode()
    assert "Waiting for their hour" in text
    assert "notice:77" in text


def test_html_is_shown_in_a_sealed_frame_only(admin: Client) -> None:
    kept = DemoMailFactory(text="Hello\n" + EVIL, html=EVIL)
    page = admin.get(f"/inbox/mails/{kept.pk}/")
    text = page.content.decode()
    assert f'sandbox src="/inbox/mails/{kept.pk}/body/"' in text
    assert "<script>alert(1)" not in text
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    body = admin.get(f"/inbox/mails/{kept.pk}/body/")
    assert body.content.decode() == EVIL
    assert body["X-Frame-Options"] == "SAMEORIGIN"
    assert body["Content-Security-Policy"] == (
        "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox"
    )


def test_outside_a_demo_there_is_no_such_page(admin: Client, settings: Settings) -> None:
    kept = DemoMailFactory()
    assert admin.get("/inbox/mails/").status_code == 200
    settings.PORTAL_MODE = "production"
    for address in ("", f"{kept.pk}/", f"{kept.pk}/body/"):
        assert admin.get(f"/inbox/mails/{address}").status_code == 404
    assert "Mails of the demo" not in admin.get("/inbox/").content.decode()


def test_only_administrators_read_the_demos_mail(client: Client) -> None:
    kept = DemoMailFactory()
    client.force_login(somebody(Role.AUDITOR))
    for address in ("", f"{kept.pk}/", f"{kept.pk}/body/"):
        assert client.get(f"/inbox/mails/{address}").status_code == 404


def test_only_the_newest_mails_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "KEPT_DEMO_MAILS", 3)
    for number in range(5):
        DemoMailFactory(subject=f"S{number}")
    tasks.prune()
    tasks.prune()
    assert list(DemoMail.objects.order_by("pk").values_list("subject", flat=True)) == ["S2", "S3", "S4"]


def test_the_portals_own_mailer_of_a_demo_is_the_table(settings: Settings) -> None:
    message = mail.EmailMultiAlternatives("Subject", "Text", to=["a@example.test", "b@example.test"])
    message.attach_alternative("<p>HTML</p>", "text/html")
    assert mail.mailers.default.send_messages([message]) == 1
    kept = DemoMail.objects.get()
    assert (kept.to, kept.subject, kept.text, kept.html) == (
        "a@example.test, b@example.test",
        "Subject",
        "Text",
        "<p>HTML</p>",
    )
