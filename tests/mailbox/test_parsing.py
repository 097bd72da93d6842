"""What a message says, and what no sender can do to us."""

import time
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.mailbox.heads import MAX_LINES, UnparsedError
from portal.mailbox.parsing import alike, fingerprint, parse
from portal.mailbox.text import html_to_text, split_quoted
from tests.factories.mailbox import message


def test_a_mail_in_parts() -> None:
    found = parse(
        message(
            "Still waiting.\n\nOn Sat, 21 Nov 2026 at 10:00, Portal <box@portal.example.test> wrote:\n> We look into it.\n",
            subject="Re: 退款 [EC-20418]",
            headers={"Message-ID": "<1@guest>", "In-Reply-To": "<a@p>", "References": "<r1@p> <a@p>"},
            files={"收据.pdf": b"%PDF-1.7"},
        )
    )
    assert (found.sender, found.sender_name, found.message_id) == ("ming@guest.example.test", "Ming Li", "<1@guest>")
    assert (found.subject, found.text) == ("Re: 退款 [EC-20418]", "Still waiting.")
    assert found.quoted.endswith("> We look into it.")
    assert found.sent_at == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert found.answers == ["<a@p>", "<r1@p>"]
    assert [(file.name, file.content) for file in found.files] == [("收据.pdf", b"%PDF-1.7")]


@pytest.mark.parametrize(
    ("text", "fresh"),
    [
        ("Yes.\n\n-----Original Message-----\nFrom: x\nold", "Yes."),
        ("好的\n\n在 2026年11月21日,门户 <a@b> 写道:\n> 旧的", "好的"),
        ("好的\n\n发件人: 门户\n发送时间: 2026\n收件人: x\n旧的", "好的"),
        ("Yes\n________________________________\nFrom: x", "Yes"),
        ("Yes\n\nOn Sat, 21 Nov 2026, Portal Team With A Long Name\n<box@portal.example.test> wrote:\n> old", "Yes"),
        ("On Sat, 21 Nov, Portal wrote:\n> question?\n\nAnswer below.", "Answer below."),
        ("Only text\nFrom: my house to yours", "Only text\nFrom: my house to yours"),
        ("> all\n> quoted", ""),
        ("a\n> quote in between\nb", "a\n> quote in between\nb"),
    ],
)
def test_what_was_written_now_is_told_apart(text: str, fresh: str) -> None:
    assert split_quoted(text)[0] == fresh


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({}, ""),
        ({"Auto-Submitted": "no"}, ""),
        ({"Auto-Submitted": "auto-replied"}, "reply"),
        ({"Precedence": "bulk"}, "reply"),
        ({"X-Auto-Response-Suppress": "All"}, "reply"),
        ({"List-Id": "<care.shop.test>", "Precedence": "list"}, ""),
        ({"List-Id": "<news.shop.test>", "Precedence": "bulk"}, "reply"),
        ({"List-Id": "<care.shop.test>", "Precedence": "list", "Auto-Submitted": "auto-replied"}, "reply"),
    ],
)
def test_machines_are_known_by_their_headers(headers: dict[str, str], automatic: str) -> None:
    assert parse(message(headers=headers)).automatic == automatic


@pytest.mark.parametrize(
    ("action", "automatic", "answers"),
    [
        (b"failed", "bounce", ["<sent@p>"]),
        (b"delayed", "reply", []),
        (b"relayed", "reply", []),
        (b"delivered", "reply", []),
    ],
)
def test_a_bounce_names_the_letter_that_came_back(action: bytes, automatic: str, answers: list[str]) -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.test\r\nSubject: Undelivered\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain\r\n\r\nsorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; x@y\r\nAction: "
        + action
        + b"\r\nStatus: 5.1.1\r\n\r\n"
        b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <sent@p>\r\nSubject: x\r\n\r\n--b--\r\n"
    )
    found = parse(raw)
    assert (found.automatic, found.answers) == (automatic, answers)


@pytest.mark.parametrize("charset", ["gb2312", "no-such-charset", "utf-8"])
def test_a_wrong_charset_still_gives_words(charset: str) -> None:
    raw = f'From: a@b.test\r\nContent-Type: text/plain; charset="{charset}"\r\n\r\n'.encode() + "退款".encode("gb18030")
    assert parse(raw).text == "退款"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no headers at all",
        b"From: nobody\r\n\r\nx",
        b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 400,
        b"From: a@b.test\r\n"
        + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)),
    ],
)
def test_what_cannot_be_read_says_so(raw: bytes) -> None:
    with pytest.raises(UnparsedError):
        parse(raw)
    assert fingerprint(raw).startswith("sha256:")


_BOX = b"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"


def _nested(levels: int) -> bytes:
    """Parts in each other, whose boundaries all begin alike; the innermost is open."""
    names = [b"b" * (levels - one) for one in range(levels)]
    return b"From: a@b.test\r\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n--%s\r\n" % (one, one) for one in names
    )


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"From: a@b.test\r\nTo: " + b"a " * 500_000 + b"\r\n\r\nx", "its headers are too long"),
        (b"From: a@b.test" + b"(a)" * 10_000 + b"\r\n\r\nx", "its header From is too long"),
        (b"".join(b"From: a@b%d.test%s\r\n" % (n, b" a" * 4_000) for n in range(15)), "its header From"),
        (b"From: a@b.test\r\nContent-Type: text/plain" + b";" * 20_000 + b"\r\n\r\nx", "its header Content-Type"),
        (b"From: a@b.test\r\nContent-Type: text/plain" + b"; a=b" * 400_000 + b"\r\n\r\nx", "its headers are"),
        (_BOX + b"--b\r\nContent-Type: text/plain" + b"; a=b" * 400_000 + b"\r\n\r\nx\r\n--b--", "its header Content"),
        (_BOX + b"--b\r\nContent-Disposition: inline" + b"; a=b" * 9_000 + b"\r\n\r\nx\r\n--b--", "its header Content"),
        (_BOX + b"".join(b"--b\r\nContent-Type: text/x%d%s\r\n\r\nx\r\n" % (n, b";" * 8_000) for n in range(40)), "its header"),
        (_BOX + b"--b\r\nContent-Type: text/plain; charset=%s\r\n\r\nx\r\n" % (b'"' + b";" * 7_900 + b'"') * 290, "its header"),
        (b"From: a@b.test\r\n\r\n" + b"\n" * (MAX_LINES + 1), "it has too many lines"),
        (_nested(280) + b"\r\n" + b"\r\n" * 990_000, "its parts stand too deep"),
        (_nested(280) + b"\r\n" + b"--bx\r\n" * 700_000, "its parts stand too deep"),
        (_nested(280) + b"\r\n--b" + b" " * 30_000_000 + b"x", "its parts stand too deep"),
        (_BOX + b"--b\r\n\r\nx\r\n" * 330_000, "it has more than 300 parts"),
        (_BOX + b"--b\r\n" + b"a:\r\n" * 480_000 + b"Content-Type: multipart/mixed; boundary=c\r\n\r\n" + b"--c\r\n\r\n" * 280, "it has more than 2000 headers"),
    ],
)  # fmt: skip
def test_what_would_take_hours_to_read_is_refused_before_it_is_read(raw: bytes, why: str) -> None:
    """Each takes minutes or more if it is read: the limit of one test tells."""
    with pytest.raises(UnparsedError, match=f"^{why}"):
        parse(raw)


def test_a_long_thread_and_long_headers_that_nobody_reads_are_no_trouble() -> None:
    ids = " ".join(f"<{number}@guest.example.test>" for number in range(1_000))
    found = parse(b"X-Spam: %s\r\nReferences: %s\r\n" % (b"x" * 60_000, ids.encode()) + message("fine"))
    assert (found.text, found.answers[0], len(found.answers)) == ("fine", "<999@guest.example.test>", 50)


def test_a_bounce_with_hostile_headers_of_the_letter_is_read() -> None:
    report = b"From: mailer-daemon@mx.test\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
    copied = b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <sent@p>\r\n"
    bomb = b"Content-Type: multipart/mixed" + b';"' * 50_000 + b"\r\n\r\n--b--\r\n"
    assert parse(report + copied + bomb).answers == ["<sent@p>"]


def test_a_bounce_with_very_many_copies_of_the_letter_is_read_by_the_first_few() -> None:
    report = b"From: mailer-daemon@mx.test\r\nContent-Type: multipart/report; boundary=b\r\n\r\n"
    copies = [b"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%d@p>\r\n\r\n" % n for n in range(40)]
    assert parse(report + b"".join(copies) + b"--b--").answers == [f"<{n}@p>" for n in range(5)]


def test_forwarded_mails_side_by_side_and_in_each_other_are_read() -> None:
    one = b"Content-Type: message/rfc822\r\n\r\n" + message("inside")
    many = (
        _BOX + b"--b\r\nContent-Type: text/plain\r\n\r\nSee these.\r\n" + (b"--b\r\n" + one + b"\r\n") * 100 + b"--b--"
    )
    assert parse(many).text == "See these."
    lines = b"x" * 70 + b"\r\n"
    assert parse(_nested(30) + b"Content-Type: text/plain\r\n\r\nDeep.\r\n" + lines * 100_000).text.startswith("Deep.")


@pytest.mark.parametrize(
    ("text", "more", "one"),
    [
        ("Yes", {}, True),
        ("Yes\n\n-- \nYou get this as a member.", {}, True),
        ("Yes, but cancel the rest", {}, False),
        ("Outside mail!\n\nYes", {}, False),
        ("", {}, False),
        ("Yes", {"files": {"a.txt": b"1"}}, False),
        ("Yes", {"sender": "eve@else.test"}, False),
        ("Yes", {"headers": {"X-List": "x"}}, True),
    ],
)
def test_what_makes_two_messages_under_one_id_one(text: str, more: dict[str, Any], one: bool) -> None:
    assert alike(parse(message("Yes")), parse(message(text, **more))) is one
    assert alike(parse(message(text, **more)), parse(message("Yes"))) is one


def test_messages_without_words_are_one_by_their_files_subject_and_date() -> None:
    scan, other = (message("", files={"scan.pdf": content}) for content in (b"1", b"2"))
    later = scan.replace(b"22 Nov", b"23 Nov")
    assert alike(parse(scan), parse(b"Received: by mx.test\r\n" + scan))
    assert not any(alike(parse(scan), parse(raw)) for raw in (other, later, message("", files={})))
    assert not alike(parse(message("", subject="Ann")), parse(message("", subject="Bob")))


def test_a_message_is_named_by_its_id_else_by_all_of_it() -> None:
    assert fingerprint(message(headers={"Message-ID": "<1@x>"})) == "<1@x>"
    assert fingerprint(message("a")) != fingerprint(message("b"))
    assert fingerprint(b"Message-ID: <" + b"x" * 5000 + b">\r\n\r\n").startswith("sha256:")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(content: bytes) -> None:
    fingerprint(content)
    try:
        parse(b"From: a@b.test\r\n" + content)
    except UnparsedError:
        return


@pytest.mark.parametrize(
    "hostile",
    [
        "> " * 60_000,
        "On " * 60_000,
        "_" * 150_000,
        "From:\n" * 30_000,
        "<" * 150_000,
        "\n" * 150_000,
        ">\n" * 90_000 + "x",
    ],
)
def test_hostile_text_takes_linear_time(hostile: str) -> None:
    """Counted in processor seconds, far above what linear work takes and far below what a runaway expression does."""
    began = time.process_time()
    split_quoted(hostile)
    html_to_text(hostile)
    assert time.process_time() - began < 20


def test_a_mail_to_very_many_is_read() -> None:
    to = ", ".join(f'"Last{n}, First" <first.last{n}@Company.example>' for n in range(400)).encode()
    found = parse(
        b"Cc: " + to.replace(b", ", b",\r\n ") + b"\r\nDelivered-To: box+EC-7@portal.test\r\n" + message("fine")
    )
    assert found.text == "fine"
    assert len(found.recipients) == 100
    assert "first.last1@company.example" in found.recipients


def test_a_part_without_a_name_is_named_by_its_type() -> None:
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content("see")
    mail.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", disposition="inline")
    assert [one.name for one in parse(mail.as_bytes()).files] == ["part-1.png"]
