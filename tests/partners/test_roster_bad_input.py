"""Rosters as they should not be, brought through the form and through the command: each says what is wrong and where."""

import zipfile
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from openpyxl import Workbook

from partners.importing import run
from partners.models import Person, Roster, Site
from portal.accounts.choices import Role
from tests.factories.partners import ProgrammeFactory, SiteFactory, TeamFactory, placed, signed_in

pytestmark = pytest.mark.django_db
DEFAULT = Path(run.__file__).resolve().parent.parent / "mappings" / "default.yml"
HEAD = ["employee_no", "name", "email", "lead", "first_day"]
LIN = ["BW-1", "Lin Xia", "lin@bw.example", "", ""]
BLANK = b" " * 1024 * 1024
type Bring = Callable[[bytes], str]


@pytest.fixture
def site() -> Site:
    site: Site = SiteFactory.create(code="CTU")
    TeamFactory.create(programme=ProgrammeFactory.create(site=site), name="Lotus")
    placed(SiteFactory.create(partner=site.partner), name="Far Lead", email="far@bw.example")
    return site


def by_form(content: bytes) -> str:
    """What the page says after the upload."""
    client = signed_in(Role.PARTNER_LEAD, site=Site.objects.get(code="CTU"))
    data = {"site": "CTU", "as_of": "2026-11-01", "file": SimpleUploadedFile("roster", content)}
    page: Any = client.post(reverse("partners:roster_new"), data, follow=True)
    if page.status_code == 422:
        return " ".join(page.context["form"].errors["file"])
    return "\n".join(f"row {line.proposal.row}: {' '.join(line.details)}" for line in page.context["lines"])


def by_command(folder: Path) -> Bring:
    def bring(content: bytes) -> str:
        path, out, err = folder / "roster", StringIO(), StringIO()
        path.write_bytes(content)
        options = [str(path), f"--mapping={DEFAULT}", "--site=CTU", "--as-of=2026-11-01", "--apply"]
        try:
            call_command("roster_diff", *options, stdout=out, stderr=err)
        except CommandError as refused:
            return f"{err.getvalue()}{refused}"
        return err.getvalue() + out.getvalue()

    return bring


@pytest.fixture(params=["form", "command"])
def bring(request: pytest.FixtureRequest, site: Site, tmp_path: Path) -> Bring:
    """Brings a file in one of the two ways; gives what is said about it."""
    return by_form if request.param == "form" else by_command(tmp_path)


def csv(*rows: list[str]) -> bytes:
    return "".join(",".join(row) + "\n" for row in (HEAD, *rows)).encode()


def book(*rows: list[Any], heading: list[str] | None = None, merge: str = "") -> bytes:
    workbook, stream = Workbook(), BytesIO()
    sheet: Any = workbook.active
    for row in (heading or HEAD, *rows):
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    workbook.save(stream)
    return stream.getvalue()


def line_of(said: str, row: int) -> str:
    """What is said about one row, and that nothing is said against its neighbours."""
    lines = [
        line
        for line in said.splitlines()
        if line.startswith(f"row {row}") and not line.endswith("First day: 1 Nov 2026")
    ]
    assert lines, said
    return lines[0]


BAD_ROWS: list[tuple[str, list[str], str]] = [
    ("a number twice", ["bw-1", "Other", "o@bw.example", "", ""], "Row 2 has bw-1 already."),
    ("an address twice", ["BW-3", "Other", "LIN@bw.example", "", ""], "Row 2 has lin@bw.example already."),
    ("name and address swapped", ["BW-3", "o@bw.example", "Other", "", ""], "Name and email look swapped."),
    ("number and name swapped", ["2026-11-24", "Other", "o@bw.example", "", ""], "This is a date. Are the columns"),
    ("number and address swapped", ["o@bw.example", "Other", "BW-3", "", ""], "Are the columns in the right order?"),
    ("a formula", ["BW-3", "=HYPERLINK(A1)", "o@bw.example", "", ""], "This is a formula. Paste its value."),
    ("a day that may be two", ["BW-3", "Other", "o@bw.example", "", "03/04/2027"], "may be 4 Mar 2027 or 3 Apr 2027"),
    ("a day that is none", ["BW-3", "Other", "o@bw.example", "", "next week"], "“next week” is not a date."),
    ("a lead of another site", ["BW-3", "Other", "o@bw.example", "Far Lead", ""], "“Far Lead” is at another site."),
    ("a lead by address", ["BW-3", "Other", "o@bw.example", "far@bw.example", ""], "is at another site."),
]  # fmt: skip


@pytest.mark.parametrize("make", [csv, book], ids=["csv", "xlsx"])
@pytest.mark.parametrize(("row", "said"), [one[1:] for one in BAD_ROWS], ids=[one[0] for one in BAD_ROWS])
def test_a_bad_row_is_named_and_nothing_is_written(
    bring: Bring, make: Callable[..., bytes], row: list[str], said: str
) -> None:
    before = Person.objects.count()
    found = bring(make(LIN, row))
    if make is book and row[1].startswith("="):
        said = "holds a formula without its result. Paste it as a value"
    assert said in line_of(found, 3)
    assert Person.objects.count() == before
    assert not Roster.objects.filter(state="applied").exists()


def test_three_formats_of_days_in_one_file_are_read_where_they_are_plain(bring: Bring) -> None:
    rows = [
        ["BW-2", "Ada", "a@bw.example", "", "2027-04-25"],
        ["BW-3", "Bob", "b@bw.example", "", "25/04/2027"],
        ["BW-4", "Cy", "c@bw.example", "", "04/25/2027"],
        ["BW-5", "Di", "d@bw.example", "", "04/05/2027"],
        ["BW-6", "Ed", "e@bw.example", "", "25.04.2027"],
    ]
    found = bring(csv(*rows))
    assert "may be 5 Apr 2027 or 4 May 2027. Write it as 2026-11-24." in line_of(found, 5)
    for row in (2, 3, 4, 6):
        assert f"row {row}" not in found or "First day: 25 Apr 2027" in line_of(found, row)
    # The page shows the four that are plain; the command counts them.
    assert (
        found.count("First day: 25 Apr 2027") == 4
        or "4 joiners, 0 movers, 0 leavers" in found
        or "rows are to be" in found
    )


def _blank() -> bytes:
    stream = BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


def _zip(name: str, content: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def bomb(*, lies: bool = False) -> bytes:
    """A workbook whose sheet unpacks to 2 GB, or whose directory says so: small enough to be uploaded."""
    stream = BytesIO()
    blocks = 1 if lies else 2 * 1024 + 1
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(blocks):
                part.write(BLANK)
        if lies:
            archive.filelist[0].file_size = 2 * 1024**3 + 1
    return stream.getvalue()


BAD_FILES: list[tuple[str, Callable[[], bytes], str]] = [
    ("merged cells", lambda: book(LIN, ["BW-2", "Wang", "w@bw.example", "", ""], merge="D2:D3"), "Cells are merged (D2:D3). Unmerge them and fill in every row."),
    ("200 columns", (",".join(f"c{n}" for n in range(200)) + "\n" + ",".join("1" * 200) + "\n").encode, "The file has 200 columns; at most 100 can be read."),
    ("200 columns in a workbook", lambda: book(["x"] * 200, heading=[f"c{n}" for n in range(200)]), "The file has 200 columns; at most 100 can be read."),
    ("nothing", lambda: b"", "empty"),
    ("blank lines", lambda: b"\n\n\n", "The file is empty."),
    ("an empty workbook", _blank, "The file is empty."),
    ("a heading alone", csv, "row"),
    ("2 GB when unpacked", bomb, "The file unpacks to more than it should. It was not read further."),
    ("2 GB by its own word", lambda: bomb(lies=True), "The file unpacks to more than it should."),
    ("an archive", lambda: _zip("roster.csv", b"a,b"), "This is a ZIP archive, not an Excel file."),
    ("half a workbook", lambda: book(LIN)[:2000], "This is not a whole Excel file."),
    ("no table", lambda: bytes(range(256)) * 40, ""),
]  # fmt: skip


@pytest.mark.parametrize(("make", "said"), [one[1:] for one in BAD_FILES], ids=[one[0] for one in BAD_FILES])
def test_a_file_that_cannot_be_used_is_refused_as_a_whole(bring: Bring, make: Callable[[], bytes], said: str) -> None:
    before = Person.objects.count()
    assert said in bring(make())
    assert Person.objects.count() == before
    assert not Roster.objects.exists()
