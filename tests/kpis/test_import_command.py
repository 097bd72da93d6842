"""What `import_facts` says of bad rows: each with row, column and reason, in words and as JSON, and where the list is cut."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from kpis.importing import checking
from tests.kpis.importing import CONTACTS, HEADING, site, written

pytestmark = pytest.mark.django_db
BAD, FIRST = 25, 3


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A good row, 25 in which more were answered than offered, and their mapping."""
    site()
    rows = [("CD1", "VOICE", f"2026-11-02 {9 + at // 2:02}:{30 * (at % 2):02}", 10, 10 + at, "", "", "") for at in range(BAD + 1)]  # fmt: skip
    mapping = tmp_path / "m.yml"
    mapping.write_text(json.dumps(CONTACTS))
    return written(tmp_path / "c.csv", HEADING, rows), mapping


def told(files: tuple[Path, Path], *, as_json: bool) -> tuple[str, list[str]]:
    """What goes out and what is said beside it, a line each."""
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match=f"{BAD} rows are to be fixed"):
        call_command("import_facts", files[0], mapping=files[1], json=as_json, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue().splitlines()


def reasons(number: int = BAD) -> list[tuple[int, str, str]]:
    return [(FIRST + at, "answered", f"Answered ({11 + at}) is more than Offered (10)") for at in range(number)]


def test_every_bad_row_is_told(files: tuple[Path, Path]) -> None:
    said, rows = told(files, as_json=False)
    assert said == "26 rows, 1 added, 0 replaced, 0 unchanged, 25 errors\n"
    assert rows == [f"row {row}, {column}: {reason}" for row, column, reason in reasons()]


def test_every_bad_row_is_in_the_json(files: tuple[Path, Path]) -> None:
    said, _rows = told(files, as_json=True)
    found = json.loads(said.splitlines()[-1])
    assert [(one["row"], one["column"], one["reason"]) for one in found["bad_rows"]] == reasons()
    assert {one["code"] for one in found["bad_rows"]} == {"over"}
    assert (found["errors"], found["more_bad_rows"]) == (BAD, 0)


def test_where_the_list_is_cut_it_says_so(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "KEPT", 10)
    said, rows = told(files, as_json=True)
    assert rows[-2:] == [
        "row 12, answered: Answered (20) is more than Offered (10)",
        "and 15 more: only the first 10 bad rows are listed",
    ]
    found = json.loads(said)
    assert (len(found["bad_rows"]), found["more_bad_rows"], found["errors"]) == (10, 15, BAD)
