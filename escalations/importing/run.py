"""One import from beginning to end: read, stage, shift, write in batches, report."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from escalations.importing import clocks, writing
from escalations.importing.directory import Directory
from escalations.importing.history import History, Reading, build, digest_of, read
from escalations.importing.staging import busiest_week_offset, drop_stage, stage, staged_cases
from escalations.importing.writing import Placed
from escalations.models import CaseOrigin
from partners import queries as partner_queries
from portal.accounts.rules import Actor
from portal.audit.actions import record, record_many
from portal.imports.errors import BadValue, ImportRefused, RowError
from portal.imports.mapping import Mapping
from portal.imports.models import TimeShift
from portal.imports.reading import Progress, Row, read_rows
from sla.queries import remembering

BATCH = 1000


@dataclass
class Result:
    """What an import did; `seconds` is wall-clock time."""

    rows: int = 0
    cases: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    entries: int = 0
    errors: list[RowError] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The closing line of `--json`."""
        names = ("cases", "created", "updated", "unchanged", "entries")
        counts = {name: getattr(self, name) for name in names}
        return {**counts, "errors": len(self.errors), "seconds": round(self.seconds, 1)}


@dataclass(frozen=True, slots=True)
class Run:
    """What stays the same from the first batch to the last."""

    mapping: Mapping
    actor: Actor
    now: datetime
    offset: timedelta
    cut_off: datetime | None
    dry_run: bool


class _DryRun(Exception):  # noqa: N818
    """Takes back what a trial wrote."""


def import_cases(
    *,
    actor: Actor,
    path: Path,
    mapping: Mapping,
    now: datetime,
    shift_to_now: bool = False,
    dry_run: bool = False,
    on_read: Callable[[int, int], None] = lambda done, total: None,
    on_written: Callable[[int], None] = lambda count: None,
) -> Result:
    """Import a file of cases. Good rows go in whatever the bad ones are; the same file again changes nothing.

    Batches commit one by one, so an import that was stopped goes on where it was when it is started again. A dry run
    does everything and takes it back. Raises ImportRefused when the file or the mapping cannot be used at all.
    """
    began = time.monotonic()
    result = Result()
    progress = Progress(path)
    result.rows, result.errors = stage(mapping, _watched(read_rows(path, progress), progress, on_read))
    try:
        run = _prepared(mapping, actor, now, shift_to_now, dry_run)
        _write_all(run, result, on_written)
    finally:
        drop_stage()
    result.errors.sort(key=lambda error: error.line)
    result.seconds = time.monotonic() - began
    if not dry_run:
        record(actor=actor, verb="cases.imported", subject_type="import", subject_id=0, changes=_told(mapping, result))
    return result


def _told(mapping: Mapping, result: Result) -> dict[str, Any]:
    return {"source": mapping.source, **result.as_json()}


def _watched(rows: Iterator[Any], progress: Progress, on_read: Callable[[int, int], None]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number % 1000 == 0:
            on_read(progress.done, progress.total)
        yield row


def _prepared(mapping: Mapping, actor: Actor, now: datetime, shift_to_now: bool, dry_run: bool) -> Run:
    """The shift of the first shifted run holds for every later one of that source."""
    known = TimeShift.objects.filter(source=mapping.source).first()
    if known and not shift_to_now:
        raise ImportRefused(_("This source was imported shifted in time. Use --shift-to now again."))
    if not shift_to_now:
        return Run(mapping, actor, now, timedelta(0), None, dry_run)
    if known is None and CaseOrigin.objects.filter(source=mapping.source).exists():
        raise ImportRefused(_("This source was imported unshifted. It cannot be shifted any more."))
    if known is None:
        offset = busiest_week_offset(now)
        known = TimeShift(source=mapping.source, offset_seconds=int(offset.total_seconds()), cut_off_at=now)
        if not dry_run:
            known.save()
    return Run(mapping, actor, now, timedelta(seconds=known.offset_seconds), known.cut_off_at, dry_run)


def _write_all(run: Run, result: Result, on_written: Callable[[int], None]) -> None:
    directory = Directory(run.mapping, run.actor)
    with staged_cases(run.mapping) as cases:
        while chunk := list(islice(cases, BATCH)):
            histories = _histories(run, chunk, result)
            try:
                with transaction.atomic(), remembering():
                    _write(run, directory, histories, result)
                    if run.dry_run:
                        raise _DryRun
            except _DryRun:
                directory = Directory(run.mapping, run.actor)
            on_written(len(chunk))


def _histories(run: Run, chunk: Sequence[tuple[str, list[Row]]], result: Result) -> list[History]:
    """The cases of a chunk that are new or changed, up to the cut-off."""
    found = []
    before = writing.digests(run.mapping.source, [key for key, _rows in chunk])
    for key, rows in chunk:
        digest = digest_of(run.mapping, rows)
        if before.get(key) == digest:
            result.unchanged += 1
            result.cases += 1
            continue
        readings = [_shifted(read(run.mapping, row.line, row.values), run.offset) for row in rows]
        history = build(run.mapping, key, readings, run.cut_off)
        if isinstance(history, RowError):
            result.errors.append(history)
        elif history is not None:
            history.digest = digest
            found.append(history)
    result.cases += len(found)
    return found


def _shifted(reading: Reading, offset: timedelta) -> Reading:
    if not offset:
        return reading
    values = {k: v + offset if isinstance(v, datetime) else v for k, v in reading.values.items()}
    order = tuple(part + offset if isinstance(part, datetime) else part for part in reading.order)
    return replace(reading, at=reading.at + offset, order=order, values=values)


def _write(run: Run, directory: Directory, histories: list[History], result: Result) -> None:
    source = run.mapping.source
    known = writing.known_cases(source, [h.key for h in histories])
    changed = [h for h in histories if h.key in known]
    new = _placed(run, directory, [h for h in histories if h.key not in known], result)
    partner_of = dict(partner_queries.sites_visible_to(run.actor).values_list("pk", "partner_id"))
    if new:
        ids = writing.insert_cases(source, new)
        clocks.start_clocks(ids, new, partner_of, run.now)
        result.created += len(new)
        result.entries += sum(len(p.history.happenings) for p in new)
        changes = {ids[p.history.key]: {"source": source} for p in new}
        record_many(actor=run.actor, verb="case.imported", subject_type="case", changes_by_id=changes)
    _update(run, _placed(run, directory, changed, result), known, partner_of, result)


def _update(
    run: Run, batch: list[Placed], known: dict[str, writing.Known], partner_of: dict[int, int], result: Result
) -> None:
    keys = writing.entry_keys([known[p.history.key].case.pk for p in batch])
    result.entries += writing.insert_entries({known[p.history.key].case.pk: p.history for p in batch}, keys)
    for placed in batch:
        before = known[placed.history.key]
        writing.update_origin(before, placed.history)
        if not before.touched:
            writing.update_case(before, placed, run.now)
            clocks.follow(before, placed, partner_of, run.now)
        changes = {"source": run.mapping.source, "kept": before.touched}
        record(
            actor=run.actor, verb="case.imported_again", subject_type="case", subject_id=before.case.pk, changes=changes
        )
    result.updated += len(batch)


def _placed(run: Run, directory: Directory, histories: list[History], result: Result) -> list[Placed]:
    """Histories with our service, site and issue type; what is not known here becomes an error."""
    found = []
    for history in histories:
        values = history.values
        try:
            placed = Placed(
                history,
                directory.service(values["service"]),
                directory.site(values.get("site")),
                directory.issue_type(values.get("issue_type")),
            )
        except BadValue as error:
            result.errors.append(RowError(0, history.key, str(error)))
            result.cases -= 1
            continue
        found.append(placed)
    return found
