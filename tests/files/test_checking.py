"""What comes in, by its content, and what is refused with which words."""

import gzip
import io
import struct
import tracemalloc
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.files.archives import Limits, check_archive, entries_of
from portal.files.checking import check, safe_name
from portal.files.choices import CSV, DOCUMENTS, DOCX, GZIP, HTML, PDF, SVG, TABLES, TEXT, UNKNOWN, XLSX, ZIP
from portal.files.detecting import detect
from portal.files.forms import UploadField
from portal.imports.errors import ImportRefused
from portal.imports.xlsx import read_sheet
from tests.factories import files as make
from tests.factories.files import office, upload


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("a.png", make.PNG, "image/png"),
        ("a.jpg", bytes.fromhex("ffd8ffe000104a464946") + b"x" * 50, "image/jpeg"),
        ("a.webp", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ("a.pdf", make.PDF, PDF),
        ("a.docx", office("word"), DOCX),
        ("a.xlsx", office("xl"), XLSX),
        ("a.xlsx", office("xl", **{"xl/vbaProject.bin": b"macro"}), UNKNOWN),
        ("a.csv.gz", gzip.compress(b"a,b", mtime=0), GZIP),
        ("a.csv", b"a,b\r\n1,2\r\n", CSV),
        ("a.csv", "姓名,工号\r\n张,1\r\n".encode("gb18030"), CSV),
        ("a.csv", "姓名,工号\r\n".encode("utf-16"), CSV),
        ("a.txt", ("é" * 9000).encode(), TEXT),
        ("a.csv", b"MZ" + b"\0" * 100, UNKNOWN),
        ("a.txt", b"<!DOCTYPE html><p>", HTML),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", SVG),
        ("a.xlsx", b"PK\x03\x04 and then nothing", UNKNOWN),
    ],
)
def test_the_content_says_what_it_is(name: str, content: bytes, found: str) -> None:
    assert detect(io.BytesIO(content), name) == found


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.png", b"", "The file is empty."),
        ("a\0b.png", make.PNG, "a character that no name may hold"),
        ("a.pdf", make.PNG, "ends in “.pdf”, but the content is of another type (.png)"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This type of file is not taken. These are: .png"),
        ("a.html", b"<html><script>alert(1)</script>", "This type of file is not taken"),
        ("a.txt", b"<html><script>alert(1)</script>", "The name says TXT, the content does not"),
        ("a.pdf", b"MZ" + b"\0" * 100, "The name says PDF, the content does not"),
    ],
)
def test_a_refusal_says_what_is_wrong(name: str, content: bytes, words: str) -> None:
    file = upload("x", content)
    file._name = name  # a browser may send any name; Django's own upload handler is not the only door
    with pytest.raises(ValidationError) as refused:
        check(file, allowed=DOCUMENTS)
    assert words in refused.value.messages[0]


def test_a_file_that_is_too_large_is_told_how_large_it_may_be() -> None:
    with pytest.raises(ValidationError) as refused:
        check(upload("a.txt", b"x" * 3000), allowed=DOCUMENTS, max_bytes=2048)
    assert refused.value.messages == ["The file is 2.9\xa0KB large; 2.0\xa0KB is the most."]


def test_a_spreadsheet_that_unpacks_to_far_more_is_refused() -> None:
    bomb = office("xl", **{"xl/worksheets/sheet1.xml": b"0" * 20_000_000})
    assert len(bomb) < 100_000
    with pytest.raises(ValidationError) as refused:
        check(upload("a.xlsx", bomb), allowed=TABLES)
    assert refused.value.code == "bomb"


def test_what_an_archive_states_counts_without_unpacking_it() -> None:
    """Two gigabytes are stated in the list of the archive; nothing of that size is ever made."""
    content = bytearray(office("xl"))
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 2_000_000_000)
    with pytest.raises(ValidationError) as refused:
        check_archive(io.BytesIO(bytes(content)))
    assert refused.value.code == "bomb"


def test_an_archive_of_too_many_entries_and_one_with_a_password_are_refused() -> None:
    many = office("xl", **{f"xl/{n}.xml": b"" for n in range(20)})
    with pytest.raises(ValidationError) as refused:
        check_archive(io.BytesIO(many), Limits(entries=10))
    assert refused.value.code == "bomb"
    locked = bytearray(office("xl"))
    place = locked.index(b"PK\x01\x02")
    locked[place + 8] |= 1
    with pytest.raises(ValidationError) as refused:
        check_archive(io.BytesIO(bytes(locked)))
    assert refused.value.code == "encrypted"
    with pytest.raises(ValidationError) as refused:
        check_archive(io.BytesIO(b"PK\x03\x04 broken"))
    assert refused.value.code == "damaged"


def listing(records: int, *, stated: int, wide: bool = False) -> bytes:
    """A zip file whose list names one empty entry so many times, and states another number; `wide` in the long form."""
    name = b"[Content_Types].xml"
    first = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
    line = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0) + name
    where, size = len(first), records * len(line)
    content = first + line * records
    if wide:
        content += struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, stated, stated, size, where)
        content += struct.pack("<4sIQI", b"PK\x06\x07", 0, where + size, 1)
        return content + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 0)
    return content + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, stated, stated, size, where, 0)


@pytest.mark.parametrize("records", [50_000, 200_000])
@pytest.mark.parametrize(("stated", "wide"), [(1, False), (50_000, False), (1, True), (200_000, True)])
def test_a_list_of_very_many_entries_is_refused_before_anything_is_made_of_it(
    records: int, stated: int, *, wide: bool
) -> None:
    content = listing(records, stated=stated, wide=wide)
    for allowed in (DOCUMENTS, TABLES):
        file = upload("a.docx", content)
        tracemalloc.start()
        with pytest.raises(ValidationError) as refused:
            check(file, allowed=allowed)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert refused.value.code == "bomb"
        assert most < 6 * 1024 * 1024
    assert check(upload("kept.docx", content), allowed=None).content_type == ZIP, "as it came"
    with pytest.raises(ImportRefused, match="unpacks to more"):
        list(read_sheet(io.BytesIO(content), 10))
    assert len(entries_of(io.BytesIO(listing(10_000, stated=10_000, wide=wide)))) == 10_000


def test_an_honest_spreadsheet_comes_in() -> None:
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    for row in range(5000):
        book.active.append([f"E{row}", "Ming Li", "ming@example.test"])
    book.save(out)
    assert check(upload("Roster May.XLSX", out.getvalue()), allowed=TABLES).content_type == XLSX


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fakepath\\名单 5月.xlsx", "名单 5月.xlsx"),
        ('a"b\r\nSet-Cookie: x.txt', "a_bSet-Cookie_ x.txt"),
        ("\u202egnp.exe", "gnp.exe"),
        ("..", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_are_kept_without_what_harms(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=1, max_size=300), st.text(max_size=40))
def test_no_content_and_no_name_breaks_the_check(content: bytes, name: str) -> None:
    assert detect(io.BytesIO(content), name)
    assert 0 < len(safe_name(name)) <= 200


def test_the_form_field_shows_the_reason_and_tells_the_browser_what_is_taken() -> None:
    field = UploadField(allowed=TABLES)
    with pytest.raises(ValidationError, match="The name says CSV, the content does not"):
        field.clean(upload("a.csv", make.PNG))
    assert field.clean(upload("a.csv", b"a,b\n")).name == "a.csv"
    assert field.widget.attrs["accept"] == ".txt,.log,.md,.csv,.tsv,.xlsx,.gz"


def test_an_archive_whose_list_lies_unpacks_no_further_than_it_says() -> None:
    """This is what makes the list worth looking at."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 100_000)
    content = bytearray(out.getvalue())
    place = content.index(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 10)
    with zipfile.ZipFile(io.BytesIO(bytes(content))) as archive, pytest.raises(zipfile.BadZipFile):
        archive.read("a")
