"""Text in the encoding that a mail names: real ones are read, others are not even begun with."""

import base64

import pytest

from portal.mailbox.parsing import parse
from portal.mailbox.text import MAX_TEXT, decoded, harmless, html_to_text


def in_base64(charset: str, content: bytes) -> bytes:
    head = f"From: a@b.test\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head.encode() + base64.encodebytes(content)


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        *((one, "退款") for one in ("UTF-8", "utf-7", "UTF-16", "utf-16le", "utf-32", "gb2312", "GBK", "cp936", "gb18030")),
        *((one, "退款") for one in ("hz-gb-2312", "big5", "big5-hkscs", "iso-2022-jp", "euc-jp", "Shift_JIS", "cp932")),
        *((one, "환불") for one in ("euc-kr", "ks_c_5601-1987", "iso-2022-kr", "cp949", "johab")),
        *((one, "возврат") for one in ("koi8-r", "koi8-u", "windows-1251", "iso-8859-5", "mac-cyrillic", "ibm866")),
        *((one, "Rückgabe") for one in ("iso-8859-1", "latin1", "ISO-8859-15", "windows-1252", "macintosh", "cp437")),
        *((one, "คืนเงิน") for one in ("tis-620", "iso-8859-11", "cp874")),
        ("us-ascii", "refund"),
    ],
)  # fmt: skip
def test_what_mail_is_written_in_is_read(charset: str, words: str) -> None:
    assert parse(in_base64(charset, words.encode(charset))).text == words


@pytest.mark.parametrize("charset", ["utf-16", "utf-32"])
@pytest.mark.parametrize("words", ["Hello 你好", "a" * 9 + "退" * MAX_TEXT])
def test_without_a_mark_the_order_of_bytes_is_that_of_most_machines(charset: str, words: str) -> None:
    assert decoded(words.encode(f"{charset}-le"), charset)[:200] == words[:200]


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("punycode", "bcher-kva"),
        ("idna", "xn--bcher-kva"),
        ("unicode_escape", r"\u0041"),
        ("raw-unicode-escape", r"\u0041"),
        ("rot13", "ersnaq"),
        ("base64", "cmVmdW5k"),
        ("undefined", "refund"),
        ("x" * 5_000, "refund"),
        ("'\x00'", "refund"),
    ],
)
def test_what_no_mail_is_written_in_is_left_as_it_came(charset: str, content: str) -> None:
    assert decoded(content.encode(), charset) == content


@pytest.mark.parametrize("body", [b"a" * 12_000_000, b"a9" * 6_000_000, b"\xe4" + b"a" * 12_000_000])
def test_an_encoding_that_takes_half_an_hour_is_not_begun_with(body: bytes) -> None:
    assert parse(in_base64("punycode", body)).text[1:] == body.decode("gb18030", "replace")[1:MAX_TEXT]
    plain = b"From: a@b.test\r\nContent-Type: text/plain; charset=punycode\r\n\r\n"
    assert len(parse(plain + body).text) == MAX_TEXT


def test_headers_in_such_an_encoding_are_read_or_refused_at_once() -> None:
    word = "=?punycode?q?" + "a" * 8_000 + "?="
    found = parse(f"From: {word} <a@b.test>\r\nSubject: {word}\r\n\r\nx".encode())
    assert (found.sender, found.text, len(found.subject)) == ("a@b.test", "x", 500)


@pytest.mark.parametrize("charset", ["gb2312", "gb18030", "utf-8", "utf-16", "shift_jis"])
def test_far_too_long_a_text_is_cut_between_characters(charset: str) -> None:
    long = "a" + "退款" * 1_200_000
    found = decoded(long.encode(charset), charset)
    assert len(found) > MAX_TEXT * 5
    assert long.startswith(found)


def test_html_of_nothing_but_marks_of_entities_is_cut() -> None:
    """All of them take the parser time that grows with their square."""
    assert html_to_text("&" * 1_000_000) == "&" * 49_999
    assert harmless("&" * 1_000_000) == "&amp;" * 49_999
    assert html_to_text("<p>A &amp; B&nbsp;C &#36864;</p>") == "A & B C 退"
