"""`manage.py import_facts FILE --mapping M.yml [--dry-run] [--mode whole|good] [--create-places PARTNER] [--json]`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from kpis.choices import BatchState, ImportMode
from kpis.importing import Outcome, Upload, import_facts
from kpis.wording.faults import fault_text
from portal.imports.errors import ImportRefused
from portal.imports.mapping import read_mapping


class Command(BaseCommand):
    """Brings a file of facts in."""

    help = "Import contact or agent intervals, surveys, evaluations or daily figures (CSV, XLSX or JSON lines)."
    # They load every page of the portal, which takes longer than a small file; `check` and each deployment ask them.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, its mapping, and what to do with bad rows."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, help="YAML file that names the columns")
        parser.add_argument(
            "--mode",
            choices=ImportMode.values,
            default=ImportMode.WHOLE,
            help="with bad rows: nothing, or the good ones",
        )
        parser.add_argument(
            "--create-places",
            metavar="PARTNER",
            default="",
            help="make what the mapping lets be made under this partner (code)",
        )
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument(
            "--json",
            action="store_true",
            help="end with one line of JSON: the counts, and each bad row with column and reason",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what came of it."""
        path = options["file"]
        try:
            upload = Upload(path, read_mapping(options["mapping"]), path.name, create_under=options["create_places"])
            outcome = import_facts(upload, mode=options["mode"], dry_run=options["dry_run"])
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self._report(outcome, options)
        if outcome.state == BatchState.REFUSED or (
            options["dry_run"] and outcome.made.errors and options["mode"] == ImportMode.WHOLE
        ):
            raise CommandError(f"Nothing was written: {outcome.made.errors} rows are to be fixed.")

    def _report(self, outcome: Outcome, options: dict[str, Any]) -> None:
        if outcome.lacking:
            self.stderr.write(f"The file has no column {', '.join(outcome.lacking)}: of that nothing is known.")
        bad, counts = _bad_rows(outcome), asdict(outcome.made)
        more = outcome.made.errors - len(bad)
        for one in bad:
            self.stderr.write(f"row {one['row']}, {one['column'] or '-'}: {one['reason']}")
        if more > 0:
            self.stderr.write(f"and {more} more: only the first {len(bad)} bad rows are listed")
        if options["json"]:
            self.stdout.write(json.dumps({**counts, "bad_rows": bad, "more_bad_rows": max(more, 0)}))
            return
        self.stdout.write(", ".join(f"{number} {name}" for name, number in counts.items()))
        if outcome.again:
            self.stdout.write("This file has been imported before: nothing changes.")
        elif options["dry_run"]:
            self.stdout.write("Nothing was written. Leave out --dry-run to write it.")


def _bad_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Row, column and reason of each bad row that is kept, in the order of the file."""
    return [
        {"row": one.row, "column": one.column, "code": one.code, "reason": fault_text(one.code, one.params)}
        for one in outcome.faults
    ]
