"""`manage.py mend_subjects`: subjects of cases go with the words they were made of where these were removed by an earlier version."""

from typing import Any

from django.core.management.base import BaseCommand

from escalations.actions.mending import forget_subjects


class Command(BaseCommand):
    """Brings subjects up to date with words that were removed."""

    help = (
        "Take away subjects of cases that were made of a customer's first words where these were removed by an earlier version, which "
        "left the subject; run it once after upgrading, at any time, as often as you like."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say how many it were."""
        self.stdout.write(f"{forget_subjects()} subjects were removed.")
