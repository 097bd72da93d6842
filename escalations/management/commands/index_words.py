"""`manage.py index_words`: makes cases and entries findable that were written before the search kept their words."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from escalations.actions.indexing import index_words


class Command(BaseCommand):
    """Indexes the words of cases and of their entries."""

    help = "Index the words of old cases and entries for the search; run it once after upgrading, at any time, as often as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        """Index what is missing and say how much it was."""
        with tqdm(desc="Indexing", unit=" rows", file=sys.stderr) as bar:
            added, complete = index_words(on_done=bar.update)
        if not complete:
            raise CommandError("Some rows were being changed all the time. Run it again.")
        self.stdout.write(f"{added} rows were added; nothing is missing.")
