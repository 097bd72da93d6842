"""A file taken into the database as text, and every row of it checked there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused

from ..actions import lock_figures
from ..choices import FactKind
from . import faults, lookups, places, progress, staging, standing, statements, times
from .cells import Cells
from .files import opened
from .schema import FactsMapping, present
from .source import KEPT, Fault, Faults

if TYPE_CHECKING:
    from .run import Upload


@dataclass(slots=True)
class Checked:
    """The rows as they lie in `kpis_typed`: how many, how many are good or bad, of which sites, from when until when."""

    mapping: FactsMapping
    lacking: list[str]
    faults: Faults
    rows: int = 0
    good: int = 0
    bad: int = 0
    days: set[tuple[int, date]] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    until: datetime | None = None
    beside: bool = False
    # Whether all intervals are cells of one grid: of one length, and that far from each other.
    grid: bool = False

    @property
    def sites(self) -> list[int]:
        """Of which the good rows are."""
        return sorted({site for site, _day in self.days})

    @property
    def params(self) -> dict[str, Any]:
        """What the statements that write need."""
        return {
            "first": self.first,
            "last": self.last,
            "until": self.until,
            "sites": self.sites,
            "kind": self.mapping.shape.kind,
        }

    def turn_down(self, rows: int) -> None:
        """So many more are bad."""
        self.good, self.bad = self.good - rows, self.bad + rows


def check(upload: Upload, mapping: FactsMapping) -> Checked:
    """Read and check. The sites of the file are locked against other imports to the end of the transaction. Raises ImportRefused."""
    source = opened(upload.path)
    try:
        mapping, lacking = present(mapping, source.heading)
        wanted = set(mapping.columns())
        columns = [name for name in source.heading if name in wanted]
        cells = Cells(mapping, columns)
        staging.stage(source, cells, upload)
    finally:
        source.close()
    if not source.rows:
        raise ImportRefused(_("The file holds no rows."))
    found = Checked(mapping, lacking, source.faults, source.rows)
    _type(cells, upload)
    upload.tell(progress.TYPED)
    _lock_and_measure(found)
    if found.good:
        _against_each_other(found)
    _gather(found, cells)
    upload.tell(progress.COMPARED)
    return found


def _type(cells: Cells, upload: Upload) -> None:
    # Its parameters are gathered as it is made.
    typed = statements.typed(cells)
    params = cells.params | {"source": cells.mapping.source}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        directory = places.Directory(cells.mapping, upload.only, upload.create_under)
        places.resolve(cells, directory)
        twice = times.resolve(cells, timezone.now())
        if "agent" in cells.mapping.fields:
            cursor.execute(lookups.agents(cells), cells.params)
        cursor.execute(statements.ANALYZE)
        upload.tell(progress.UNDERSTOOD)
        cursor.execute(typed, params)
        if twice:
            cursor.execute(statements.second_turns(cells.mapping.shape))


def _lock_and_measure(found: Checked) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements.measures(found.mapping.shape))
        measured = cursor.fetchall()
        cursor.execute(statements.LOCK_SITES, {"sites": sorted({site for _good, site, *_rest in measured} - {None})})
        cursor.execute(statements.LOCK_FILE, {"key": f"kpis facts {found.mapping.source}"})
        if found.mapping.shape.kind == FactKind.FIGURES:
            lock_figures()
        good = [row for is_good, *row in measured if is_good]
        found.bad = sum(row[3] for row in measured if not row[0])
        if not good:
            return
        sites, days, rows, firsts, lasts, untils, *lengths = zip(*good, strict=True)
        found.grid = len({*lengths[0], *lengths[1]}) == 1 and len({*lengths[2], *lengths[3]}) == 1
        found.good, found.days = sum(rows), set(zip(sites, days, strict=True))
        found.first, found.last, found.until = min(firsts), max(lasts), max(untils)
        # A day of a site reaches into two months at the most.
        months = sorted({at.astimezone(UTC).date().replace(day=1) for at in (*firsts, *lasts)})
        cursor.execute(statements.MONTHS, {"months": months})


def _against_each_other(found: Checked) -> None:
    """Marks rows that say a thing twice or whose intervals overlap, in the file and beside what stands."""
    shape, params = found.mapping.shape, found.params
    with connection.cursor() as cursor:
        if not (found.grid and shape.lasts and _apart(cursor, found)):
            cursor.execute(statements.among_themselves(shape))
            found.turn_down(cursor.rowcount)
        cursor.execute(standing.stands(shape), params)
        found.beside = cursor.fetchone()[0]
        if found.beside:
            cursor.execute(statements.ANALYZE_TYPED)
            cursor.execute(standing.compare(shape), params)
            cursor.execute(standing.ANALYZE)
            _beside_what_stays(cursor, found)


def _apart(cursor: Any, found: Checked) -> bool:
    cursor.execute(statements.apart(found.mapping.shape))
    return bool(cursor.fetchone()[0] == found.good)


def _beside_what_stays(cursor: Any, found: Checked) -> None:
    if not found.mapping.shape.lasts:
        return
    cursor.execute(standing.STAYS_ANY)
    if cursor.fetchone()[0]:
        cursor.execute(standing.beside(found.mapping.shape))
        if cursor.rowcount:
            found.turn_down(cursor.rowcount)
            cursor.execute(standing.FORGET_TURNED_DOWN)


def _gather(found: Checked, cells: Cells) -> None:
    """The first faults in the order of the file, and how many rows have one."""
    if not found.bad:
        return
    with connection.cursor() as cursor:
        cursor.execute(statements.BAD_ROWS, {"most": KEPT})
        marked = cursor.fetchall()
        cursor.execute(statements.cells_of(cells), {"rows": [row for row, _mark, _says in marked]})
        texts = {row: dict(zip(cells.places, values, strict=True)) for row, *values in cursor.fetchall()}
    told = [faults.told(found.mapping, row, mark, _json(says), texts[row]) for row, mark, says in marked]
    merged = sorted([*found.faults.kept, *told], key=_place)[:KEPT]
    found.faults = Faults(merged, found.faults.count + found.bad)


def _json(says: Any) -> dict[str, Any]:
    return dict(json.loads(says)) if isinstance(says, str) else dict(says)


def _place(fault: Fault) -> tuple[int, str]:
    return fault.row, fault.column
