"""`manage.py mend_deadlines`: deadlines by law of earlier versions get their levels, and run again where the answer got lost."""

from typing import Any

from django.core.management.base import BaseCommand

from escalations.actions.mending import give_levels, owe_lost


class Command(BaseCommand):
    """Brings deadlines by law up to date."""

    help = (
        "Give running deadlines by law of earlier versions the levels of their policies, and let those run again whose answer was a "
        "mail that did not arrive; run it once after upgrading, at any time, as often as you like."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do both and say how much it was."""
        levels, lost = give_levels(), owe_lost()
        self.stdout.write(f"{levels} deadlines got levels; {lost} lost mails are owed again.")
