"""`manage.py build_demo`: the invented tenant, unless it is there."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from tqdm import tqdm

from portal.demo.actions import CASES, build_demo, missing_cases, settle_clocks
from portal.demo.performance import DAYS
from portal.demo.reviews import is_built


class Command(BaseCommand):
    """Builds what is missing; run again it changes nothing."""

    help = "Build the demo tenant with a progress bar; what is there already stays."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many cases, and days of facts."""
        parser.add_argument("--cases", type=int, default=CASES)
        parser.add_argument("--days", type=int, default=DAYS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, then let the clocks that fell due meanwhile fire."""
        missing = len(missing_cases(options["cases"]))
        if not missing and (is_built() or not options["days"]):
            return
        with tqdm(total=missing, desc="Building the demo", unit=" cases", miniters=1, file=sys.stderr) as bar:
            build_demo(cases=options["cases"], days=options["days"], progress=bar.update)
        settle_clocks()
