"""Lists of people as they are pasted: which column is which, whom each row means, and what is wrong with it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

MAX_ROWS: Final = 500
CELLS: Final = ("employee_no", "external_id", "email", "name", "shift")
# How people head their columns, without spaces, marks and case.
_HEADINGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("employeeno", "employeenumber", "employeeid", "staffno", "number", "no", "工号", "员工编号", "员工号"),
        "employee_no",
    ),
    **dict.fromkeys(("externalid", "hrid", "外部编号"), "external_id"),
    **dict.fromkeys(("email", "mail", "emailaddress", "邮箱", "电子邮件", "邮件"), "email"),
    **dict.fromkeys(("name", "fullname", "agent", "agentname", "姓名", "名字"), "name"),
    **dict.fromkeys(
        ("firstshift", "firstday", "start", "startdate", "lastshift", "lastday", "end", "enddate", "首班", "末班"),
        "shift",
    ),
}
_DAY: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ].*)?", re.ASCII)
READY: Final = "ready"


def column_of(heading: str) -> str | None:
    """What a column holds, by its heading; None for one that is not used here."""
    return _HEADINGS.get(re.sub(r"[\W_]+", "", heading.casefold()))


@dataclass(frozen=True, slots=True)
class Row:
    """A person as a list names them; `number` counts the rows from 1. `person_id`: chosen from the directory by hand."""

    number: int
    cells: Mapping[str, str]
    person_id: int | None = None
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The people whom a list may name, by everything that it may name them by (lower case)."""

    labels: Mapping[int, str]
    names: Mapping[int, str] = field(default_factory=dict)
    by_number: Mapping[str, frozenset[int]] = field(default_factory=dict)
    by_external: Mapping[str, frozenset[int]] = field(default_factory=dict)
    by_email: Mapping[str, frozenset[int]] = field(default_factory=dict)
    by_name: Mapping[str, frozenset[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a row comes to: `code` is READY or what is wrong with the cell in `column`."""

    row: Row
    code: str
    person_id: int | None = None
    column: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    day: date | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the row names somebody who can be asked for."""
        return self.code == READY


class _WrongError(Exception):
    def __init__(self, code: str, column: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.column, self.params = code, column, params


def check(rows: Iterable[Row], known: Known, *, today: date | None = None) -> list[Checked]:
    """Find whom each row means. `today`: shifts may not begin before; None lets every day pass."""
    seen: dict[int, int] = {}
    found = []
    for row in rows:
        try:
            person = _person(row, known)
            if person in seen:
                raise _WrongError("twice", _named_by(row), row=seen[person])
            day = _shift(row.cells.get("shift", ""), today)
            seen[person] = row.number
            found.append(Checked(row, READY, person, day=day))
        except _WrongError as wrong:
            found.append(Checked(row, wrong.code, column=wrong.column, params=wrong.params))
    return found


def parse_day(text: str) -> date | None:
    """A day written as year, month, day; None for anything else."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return None
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return None


def _shift(text: str, today: date | None) -> date | None:
    if not text.strip():
        return None
    day = parse_day(text)
    if day is None or not 2000 <= day.year <= 2199:
        raise _WrongError("day_unknown", "shift")
    if today is not None and day < today:
        raise _WrongError("day_over", "shift")
    return day


def _named_by(row: Row) -> str:
    return next((column for column in CELLS[:4] if row.cells.get(column)), "employee_no")


def _person(row: Row, known: Known) -> int:
    if row.unreadable:
        raise _WrongError("unreadable", "", why=row.unreadable)
    if row.person_id is not None:
        if row.person_id not in known.labels:
            raise _WrongError("not_here", "name")
        return row.person_id
    column = _named_by(row)
    text = row.cells.get(column, "")
    if not text:
        raise _WrongError("nobody_named", "employee_no")
    lookup = {
        "employee_no": known.by_number,
        "external_id": known.by_external,
        "email": known.by_email,
        "name": known.by_name,
    }
    people = lookup[column].get(text.casefold(), frozenset())
    if not people:
        raise _WrongError(f"unknown_{column}", column)
    if len(people) > 1:
        raise _WrongError("several", column, number=len(people))
    person = next(iter(people))
    _agree(row, column, person, known)
    return person


def _agree(row: Row, column: str, person: int, known: Known) -> None:
    """What else the row says must not mean somebody else. An address that nobody has is just not on file yet."""
    email, name = row.cells.get("email", "").casefold(), row.cells.get("name", "").casefold()
    others = known.by_email.get(email, frozenset({person}))
    if person not in others or not (column == "name" or _alike(name, known.names.get(person, ""))):
        raise _WrongError("belongs_to", column, name=known.labels[person])


def _alike(said: str, names: str) -> bool:
    """Whether a name may mean somebody of these names: one word in common is enough, in any order."""
    return not said or bool(set(said.split()) & set(names.split())) or said.replace(" ", "") in names.replace(" ", "")


def read(values: Sequence[Mapping[str, str]]) -> tuple[list[Row], list[str]]:
    """Rows of a table by its headings, and the headings that are not used. A heading that stands for one twice: the first."""
    columns: dict[str, str] = {}
    unused: list[str] = []
    for heading in values[0] if values else ():
        column = column_of(heading)
        if column is None or column in columns.values():
            unused.append(heading)
        else:
            columns[heading] = column
    rows = [
        Row(number, {column: one[heading].strip()[:200] for heading, column in columns.items() if one[heading].strip()})
        for number, one in enumerate(values, 1)
    ]
    return rows, [heading for heading in unused if heading]
