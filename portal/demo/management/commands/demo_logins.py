"""`manage.py demo_logins`: one login per role, with the administrator's current code."""

import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.management.base import BaseCommand

from portal.demo.people import LOGINS, PASSWORD, TOTP_SECRET

PERIOD = 30


class Command(BaseCommand):
    """Prints what the demo's visitor needs to sign in."""

    help = "Print one login per role of the demo tenant."

    def handle(self, *args: Any, **options: Any) -> None:
        """A line per role."""
        width = max(len(email) for _role, email in LOGINS)
        self.stdout.write(f"Password for all: {PASSWORD}")
        for role, email in LOGINS:
            self.stdout.write(f"  {email:<{width}}  {role.label}")
        left = PERIOD - int(time.time()) % PERIOD
        code = format_hotp_value(hotp_value(TOTP_SECRET, int(time.time()) // PERIOD))
        self.stdout.write(f"Administrator's code: {code} (for {left} s; `manage.py demo_logins` prints the next one)")
