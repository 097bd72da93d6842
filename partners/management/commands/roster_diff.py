"""`manage.py roster_diff FILE --mapping M.yml --site S --as-of DATE [--apply] [--json]`."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from partners.choices import ProposalKind
from partners.forms import sentence
from partners.importing import run
from partners.importing.schema import absent, roster_mapping
from partners.models import Roster, Site
from partners.models.rosters import COUNTS
from partners.wording import fault_text
from portal.accounts.rules import SYSTEM
from portal.imports.errors import ImportRefused
from portal.imports.mapping import read_mapping
from portal.refusals import RefusedError

SHOWN: Final = 20
JSON: Final = ("rows", "joiners", "movers", "leavers", "rehires", "unchanged", "errors")


class Command(BaseCommand):
    """Shows what a roster would change, and applies it if asked to."""

    help = "Set a roster (CSV or XLSX) beside the directory; --apply writes all of it or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, its mapping, the site and the day."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, help="YAML file that names the columns")
        parser.add_argument("--site", required=True, help="code of the site")
        parser.add_argument("--as-of", type=date.fromisoformat, required=True, help="the roster's day, 2026-11-24")
        parser.add_argument("--apply", action="store_true", help="write it, unless a row is to be fixed or decided")
        parser.add_argument(
            "--namesakes",
            choices=["same", "new"],
            help="decide rows whose name is on file: the same person, or somebody new",
        )
        parser.add_argument("--json", action="store_true", help="end with one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Diff, apply if asked to, and say what came of it."""
        try:
            with transaction.atomic():
                roster = self._diff(options)
                refused = self._apply(roster) if options["apply"] else ""
                self._report(roster, options)
                if refused or not options["apply"] or roster.changes_nothing:
                    transaction.set_rollback(True)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        except RefusedError as error:
            raise CommandError(sentence(error)) from error
        if refused:
            raise CommandError(refused)

    def _diff(self, options: dict[str, Any]) -> Roster:
        site = Site.objects.select_related("partner").filter(code=options["site"]).first()
        if site is None:
            raise CommandError(f"There is no site {options['site']}.")
        mapping, path = read_mapping(options["mapping"]), options["file"]
        file = run.Upload(path, options["as_of"], mapping, path.name)
        roster = run.upload(actor=SYSTEM, site=site, upload=file)
        if options["namesakes"] and roster.undecided:
            rows = roster.proposals.filter(kind=ProposalKind.UNDECIDED)
            same = options["namesakes"] == "same"
            picked = {p.row: p.candidates[0] if same and len(p.candidates) == 1 else None for p in rows if p.row}
            roster = run.decide(actor=SYSTEM, roster_id=roster.pk, decisions=picked)
        return roster

    def _apply(self, roster: Roster) -> str:
        """Why it could not be applied; "" if it was, or if there was nothing to do."""
        if not roster.is_ready:
            return "Nothing was applied: rows are to be fixed or decided."
        if not roster.changes_nothing and not run.apply(actor=SYSTEM, roster_id=roster.pk):
            return "Nothing was applied: the directory changed meanwhile."
        return ""

    def _report(self, roster: Roster, options: dict[str, Any]) -> None:
        if missing := absent(roster_mapping(roster.mapping), roster.heading):
            self.stderr.write(f"The file has no column {', '.join(missing)}: what is known of that stays as it is.")
        faulty = roster.proposals.filter(kind=ProposalKind.ERROR).order_by("row")
        for proposal in faulty[:SHOWN]:
            self.stderr.write(
                f"row {proposal.row}, {proposal.fault_field or '-'}: {fault_text(proposal.fault, proposal.fault_params)}"
            )
        if roster.errors > SHOWN:
            self.stderr.write(f"and {roster.errors - SHOWN} more")
        if roster.undecided:
            self.stderr.write(f"{roster.undecided} rows have a namesake on file: decide with --namesakes.")
        counts = {name: getattr(roster, name) for name in ("rows", *COUNTS)}
        if options["json"]:
            counts["errors"] += counts["undecided"]
            self.stdout.write(json.dumps({name: counts[name] for name in JSON}))
            return
        self.stdout.write(", ".join(f"{number} {name}" for name, number in counts.items()))
        if roster.changes_nothing:
            self.stdout.write("Nothing to change: every row is as the directory has it.")
        elif not options["apply"]:
            self.stdout.write("Nothing was written. Add --apply to write it.")
