"""Numbers and words that others use."""

from datetime import timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

# What every token begins with, so that scanners of published text know one.
MARK: Final = "pop_"
MAX_LIFE: Final = timedelta(days=365)
MAX_TOKENS: Final = 20
# How long an answer is kept for a repeated request.
KEPT_ANSWERS: Final = timedelta(hours=24)
# A token's last use is written down this often at most.
SEEN_EVERY: Final = timedelta(minutes=1)
MAX_KEY: Final = 100
# Bytes of a request's body: the longest text that a form takes, in any script, and room for the rest.
MAX_BODY: Final = 256 * 1024


class Life(models.IntegerChoices):
    """How many days a token may live."""

    WEEK = 7, _("7 days")
    MONTH = 30, _("30 days")
    QUARTER = 90, _("90 days")
    YEAR = 365, _("One year")


class Refusal(models.TextChoices):
    """Why a token was not made or revoked."""

    NAME_NEEDED = "name_needed", _("Give it a name.")
    SCOPE_NEEDED = "scope_needed", _("Choose what it may do.")
    LIFE = "life", _("Choose how long it lives: a year at the most.")
    TOO_MANY = "too_many", _("You have 20 tokens that are alive. Revoke one first.")
    ENDED = "ended", _("This token has ended already.")
