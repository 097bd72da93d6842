"""A file taken into the database as text, and every row of it checked there."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.imports.errors import ImportRefused

from ..choices import ImportMode
from . import faults, places, statements, times
from .cells import Cells
from .files import KEPT, Fault, Faults, Source, blocks, opened
from .schema import FactsMapping, present

if TYPE_CHECKING:
    from .run import Upload


@dataclass(slots=True)
class Checked:
    """The rows as they lie in `kpis_typed`: how many, how many are good, of which sites, from when to when."""

    mapping: FactsMapping
    lacking: list[str]
    faults: Faults
    rows: int = 0
    good: int = 0
    sites: list[int] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None
    beside: bool = False

    @property
    def params(self) -> dict[str, Any]:
        """What the statements that write need."""
        return {"first": self.first, "last": self.last, "sites": self.sites, "kind": self.mapping.shape.kind}


def check(upload: Upload, mapping: FactsMapping, mode: str) -> Checked:
    """Read and check. The sites of the file are locked against other imports to the end of the transaction. Raises ImportRefused."""
    source = opened(upload.path)
    try:
        mapping, lacking = present(mapping, source.heading)
        cells = Cells(mapping, mapping.columns())
        _stage(source, mapping.columns())
    finally:
        source.close()
    if not source.rows:
        raise ImportRefused(_("The file holds no rows."))
    found = Checked(mapping, lacking, source.faults, source.rows)
    _type(cells, upload)
    _lock_and_measure(found)
    if mode == ImportMode.GOOD or not (found.faults.count or _bad_rows()):
        _against_each_other(found)
    _gather(found, cells)
    return found


def _stage(source: Source, columns: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements.DROP)
        cursor.execute(statements.stage(len(columns)))
        cursor.execute(statements.LOOKUPS)
        with cursor.copy(statements.COPY_STAGED) as copy:
            for block in blocks(source, columns):
                copy.write(block)


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
            cursor.execute(statements.agents(cells), cells.params)
        cursor.execute(statements.ANALYZE)
        cursor.execute(typed, params)
        cursor.execute(statements.ANALYZE_TYPED)
        if twice:
            cursor.execute(statements.second_turns(cells.mapping.shape))


def _lock_and_measure(found: Checked) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statements.LOCK_SITES)
        cursor.execute(statements.LOCK_FILE, {"key": f"kpis facts {found.mapping.source}"})
        cursor.execute(statements.SITES_OF)
        found.sites = [site for (site,) in cursor.fetchall()]
        cursor.execute(statements.LIFE)
        found.first, found.last = cursor.fetchone()
        cursor.execute(statements.MONTHS)


def _bad_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute(statements.BAD)
        return int(cursor.fetchone()[0])


def _against_each_other(found: Checked) -> None:
    """Marks rows that say a thing twice or whose intervals overlap, in the file and beside what stands."""
    shape, params = found.mapping.shape, found.params
    with connection.cursor() as cursor:
        cursor.execute(statements.among_themselves(shape))
        cursor.execute(statements.stands(shape), params)
        found.beside = cursor.fetchone()[0]
        if not shape.lasts:
            return
        cursor.execute(statements.UNTIL)
        params["until"] = cursor.fetchone()[0]
        cursor.execute(statements.kept(shape), params)
        cursor.execute(statements.KEPT_ANY)
        if cursor.fetchone()[0]:
            cursor.execute(statements.beside_kept(shape))


def _gather(found: Checked, cells: Cells) -> None:
    """The first faults in the order of the file, and how many rows have one."""
    bad = _bad_rows()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kpis_typed")
        found.good = int(cursor.fetchone()[0]) - bad
        if not bad:
            return
        cursor.execute(statements.BAD_ROWS, {"most": KEPT})
        marked = cursor.fetchall()
        cursor.execute(statements.CELLS_OF, {"rows": [row for row, _mark, _says in marked]})
        texts = {row: dict(zip(cells.places, values, strict=True)) for row, *values in cursor.fetchall()}
    told = [faults.told(found.mapping, row, mark, _json(says), texts[row]) for row, mark, says in marked]
    merged = sorted([*found.faults.kept, *told], key=_place)[:KEPT]
    found.faults = Faults(merged, found.faults.count + bad)


def _json(says: Any) -> dict[str, Any]:
    return dict(json.loads(says)) if isinstance(says, str) else dict(says)


def _place(fault: Fault) -> tuple[int, str]:
    return fault.row, fault.column
