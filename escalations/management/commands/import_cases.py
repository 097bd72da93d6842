"""`manage.py import_cases FILE --mapping M.yml [--shift-to now] [--dry-run] [--json] [--errors FILE]`."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from escalations.importing.run import Result, import_cases
from escalations.importing.schema import CaseMappingSchema
from portal.accounts.rules import SYSTEM
from portal.imports.errors import ImportRefused, write_report
from portal.imports.mapping import load_mapping

SHOWN = 20


class Command(BaseCommand):
    """Imports event logs and plain lists of cases."""

    help = "Import cases from CSV (also .gz) by a mapping; the same file again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, its mapping, and how to go about it."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, help="YAML file that names columns and values")
        parser.add_argument("--shift-to", choices=["now"], help="move the busiest week to this one, cut off at now")
        parser.add_argument("--dry-run", action="store_true", help="do everything, keep nothing")
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")
        parser.add_argument("--errors", type=Path, help="where the bad rows go (default: FILE.errors.csv here)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and say what came of it."""
        try:
            mapping = load_mapping(options["mapping"], CaseMappingSchema)
            with tqdm(desc="Reading", unit="B", unit_scale=True, file=sys.stderr) as reading:
                result = import_cases(
                    actor=SYSTEM,
                    path=options["file"],
                    mapping=mapping,
                    now=timezone.now(),
                    shift_to_now=options["shift_to"] == "now",
                    dry_run=options["dry_run"],
                    on_read=lambda done, total: _show(reading, done, total),
                    on_written=_written(),
                )
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self._report(result, options)
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json()))
        else:
            self.stdout.write(_sentence(result, dry_run=options["dry_run"]))

    def _report(self, result: Result, options: dict[str, Any]) -> None:
        if not result.errors:
            return
        path = options["errors"] or Path.cwd() / f"{options['file'].name}.errors.csv"
        write_report(path, result.errors)
        for error in result.errors[:SHOWN]:
            self.stderr.write(f"line {error.line}, column {error.column or '-'}: {error.reason}")
        if len(result.errors) > SHOWN:
            self.stderr.write(f"and {len(result.errors) - SHOWN} more")
        self.stderr.write(f"All bad rows: {path}")


def _show(bar: Any, done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _written() -> Any:
    bar = tqdm(desc="Writing", unit=" cases", file=sys.stderr)
    return bar.update


def _sentence(result: Result, *, dry_run: bool) -> str:
    said = (
        f"{result.cases} cases: {result.created} new, {result.updated} changed, {result.unchanged} as they were; "
        f"{result.entries} entries, {len(result.errors)} bad rows, {result.seconds:.1f} s"
    )
    return f"Nothing was kept (dry run). {said}" if dry_run else said
