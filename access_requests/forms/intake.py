"""Lists of people as they come in: pasted from a spreadsheet, or as its file."""

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused, RowError
from portal.imports.keeping import as_file
from portal.imports.tabular import read_table

from ..rules import lists

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

MOST_TEXT: Final = 200_000
MOST_BYTES: Final = 5 * 1024 * 1024


def read_text(text: str) -> tuple[list[lists.Row], list[str]]:
    """Rows of a pasted table, and the columns that are not used. Raises ImportRefused."""
    return _read(text.encode("utf-8", "surrogatepass"))


def read_upload(upload: "UploadedFile[Any]") -> tuple[list[lists.Row], list[str]]:
    """The same of a file. Raises ImportRefused."""
    if (upload.size or 0) > MOST_BYTES:
        raise ImportRefused(_("The file is larger than 5 MB. Keep what is needed."))
    return _read(upload)


def _read(content: "UploadedFile[Any] | bytes") -> tuple[list[lists.Row], list[str]]:
    with as_file(content) as path:
        found = list(islice(read_table(path), lists.MAX_ROWS + 1))
    if len(found) > lists.MAX_ROWS:
        raise ImportRefused(
            _("A list takes at most %(most)d rows here. Upload a roster for more.") % {"most": lists.MAX_ROWS}
        )
    values = [one.values for one in found if not isinstance(one, RowError)]
    if not found:
        raise ImportRefused(_("The list has a heading but no rows."))
    rows, unused = lists.read(values)
    if values and not any(row.cells for row in rows):
        raise ImportRefused(_("No column is known here. Head them employee_no, name, email or external_id."))
    good = iter(rows)
    merged = [
        lists.Row(number, {}, unreadable=one.reason[:200])
        if isinstance(one, RowError)
        else lists.Row(number, next(good).cells)
        for number, one in enumerate(found, 1)
    ]
    return merged, unused


def as_text(rows: Iterable[lists.Row]) -> str:
    """The rows as they would be pasted: tab separated, with the columns that any of them has."""
    listed = [row for row in rows if row.person_id is None]
    columns = [column for column in lists.CELLS if any(row.cells.get(column) for row in listed)]
    if not columns:
        return ""
    lines = ["\t".join("first_shift" if column == "shift" else column for column in columns)]
    lines += ["\t".join(_plain(row.cells.get(column, "")) for column in columns) for row in listed]
    return "\n".join(lines)


def _plain(cell: str) -> str:
    return " ".join(cell.replace('"', "").split())
