"""Hostile mail: a clear refusal that is kept, or a case with what could be read; never half of one."""

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from pytest_django import Settings

from escalations.models import Case, InboundMail, ServiceMailbox, TimelineEntry
from portal.accounts.queries import actor_for
from portal.files.models import StoredFile
from portal.mailbox import actions as mailbox
from portal.mailbox import intake
from portal.mailbox.models import InboundMessage
from tests.escalations.mailing import box, files_root, made, words
from tests.factories.accounts import administrator
from tests.factories.case_mail import case_of, receive
from tests.factories.mailbox import message

__all__ = ["box", "files_root", "made"]
pytestmark = pytest.mark.django_db


def bring(box: ServiceMailbox, raw: bytes, *, cut_off: bool = False) -> InboundMessage:
    row = intake.keep(box.mailbox, raw, cut_off=cut_off)
    while intake.handle_one():
        pass
    return InboundMessage.objects.get(pk=row.pk)


def nested(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\ndeep\r\n"
    for number in range(depth):
        line = f"--b{number}"
        head = f'Content-Type: multipart/mixed; boundary="b{number}"\r\n\r\n{line}\r\n'.encode()
        inner = head + inner + f"\r\n{line}--\r\n".encode()
    return b"From: a@b.test\r\nSubject: deep\r\nMIME-Version: 1.0\r\n" + inner


@pytest.mark.parametrize(("raw", "why"), [
    (b"", "it names no sender"),
    (b"\0\xff" * 5000, "it names no sender"),
    (b"Subject: x\r\n\r\nno sender", "it names no sender"),
    (nested(400), ""),
])  # fmt: skip
def test_what_cannot_be_read_begins_no_case_and_is_kept(box: ServiceMailbox, raw: bytes, why: str) -> None:
    row = bring(box, raw or b"\r\n")
    assert (row.state, Case.objects.count(), TimelineEntry.objects.count()) == ("unparsed", 0, 0)
    assert row.last_error.startswith(why)
    assert row.raw is not None


def test_what_is_too_large_begins_no_case_and_is_kept_by_its_headers(box: ServiceMailbox) -> None:
    row = bring(box, message("head").partition(b"\r\n\r\n")[0] + b"\r\n\r\n", cut_off=True)
    assert (row.state, row.last_error, Case.objects.count()) == ("unparsed", "it is larger than 40 MB", 0)
    mailbox.retry(actor=actor_for(administrator()), message_id=row.pk)
    while intake.handle_one():
        pass
    row.refresh_from_db()
    assert (row.state, row.last_error, Case.objects.count()) == ("unparsed", "it is larger than 40 MB", 0)


@pytest.mark.parametrize("charset", ["x-no-such", "utf-16", "ascii", "gb2312", "utf-7\0"])
def test_a_wrong_charset_costs_no_case(box: ServiceMailbox, charset: str) -> None:
    head = (
        f'From: a@b.test\r\nSubject: =?{charset}?B?5oi/6Zeo?=\r\nContent-Type: text/plain; charset="{charset}"\r\n\r\n'
    )
    row = bring(box, head.encode() + "房门打不开 <script>".encode())
    if row.state == "unparsed":
        assert Case.objects.count() == 0
    else:
        assert len(words(case_of(row), "mail.in")) == 1


def packed(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_bombs_programs_and_files_with_two_faces_are_kept_apart(box: ServiceMailbox) -> None:
    office = {"[Content_Types].xml": b"<x/>", "word/document.xml": b"\0" * 60_000_000}
    files = {
        "bomb.docx": packed(office),
        "archive.zip": packed({"a.txt": b"1"}),
        "picture.png": b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>",
        "picture.html": b"\x89PNG\r\n\x1a\n",
        "page.txt": b"<html><script>alert(1)</script></html>",
        "notes.txt": b"fine",
    }
    case = case_of(receive(box, "See", files=files))
    mail = InboundMail.objects.get(entry__case=case)
    held = {StoredFile.objects.get(pk=pk).name: why for pk, why in mail.held}
    assert held == {"bomb.docx": "bomb", "archive.zip": "type", "picture.html": "type", "page.txt": "type"}
    assert mail.files == 2
    taken = StoredFile.objects.filter(owner_kind="case.mail").order_by("name")
    assert [(one.name, one.content_type) for one in taken] == [
        ("notes.txt", "text/plain"),
        ("picture.png", "image/png"),
    ]


def test_names_lines_and_lengths_that_break_things_break_nothing(box: ServiceMailbox) -> None:
    mail = EmailMessage()
    mail["From"] = "Ming <ming@guest.test>"
    mail["Subject"] = "x" * 900
    mail.set_content("y" * 300_000)
    mail.add_attachment(
        b"1", maintype="text", subtype="plain", filename="../../etc/passwd\r\nX: y.txt".replace("\r\n", " ")
    )
    case = case_of(bring(box, mail.as_bytes()))
    entry = case.entries.get(code="mail.in")
    assert (len(case.subject), len(entry.body.text), InboundMail.objects.get().has_more) == (200, 20_000, True)
    assert "/" not in StoredFile.objects.get(owner_kind="case.mail").name


def test_a_case_that_cannot_be_made_leaves_nothing(box: ServiceMailbox, settings: Settings) -> None:
    row = intake.keep(box.mailbox, message("One", files={"a.txt": b"1"}))
    for kept in [one for one in Path(settings.FILES_ROOT).rglob("*") if one.is_file()]:
        kept.unlink()  # the disk is away
    assert intake.handle_one()
    row.refresh_from_db()
    assert (row.state, row.attempts, Case.objects.count(), InboundMail.objects.count()) == ("new", 1, 0, 0)
    assert StoredFile.objects.get(name="a.txt").owner_kind == "mailbox.message"
