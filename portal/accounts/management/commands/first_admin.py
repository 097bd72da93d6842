"""`manage.py first_admin EMAIL`: the way in on an empty installation."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from portal.accounts.actions import first_administrator
from portal.accounts.choices import Refusal
from portal.accounts.rules import RefusedError


class Command(BaseCommand):
    """Prints the address at which the first administrator chooses a password."""

    help = "Make the first administrator and print the link at which they choose a password."

    def add_arguments(self, parser: CommandParser) -> None:
        """One address, and a name if it is to be another than the address."""
        parser.add_argument("email")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses once an administrator has come in."""
        email = options["email"].strip()
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"Not an e-mail address: {email}") from None
        try:
            link = first_administrator(email=email, name=options["name"] or email)
        except RefusedError as refused:
            raise CommandError(str(Refusal(refused.code).label)) from None
        self.stdout.write(f"Open this address within 7 days and choose a password:\n{link}")
