"""`manage.py mend_figures`: figures of sites of any age leave out deadlines by law, which earlier versions counted."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from escalations.actions.figures import hand_in_by_law


class Command(BaseCommand):
    """Counts cases with deadlines by law anew."""

    help = (
        "Count all cases with deadlines by law anew, since earlier versions took these for promises of the sites; days that differ are "
        "handed in again. Run it once after upgrading, at any time, as often as you like."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say of how many components some figures differed."""
        changed = hand_in_by_law()
        if changed is None:
            raise CommandError("Figures are being handed in just now, or read from a file. Run it again.")
        self.stdout.write(f"Of {changed} components some figures were others.")
