"""Words of briefs: for whom a copy is, and what is at stake."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BriefLevel(models.TextChoices):
    """How much a copy says, the fullest first. What each may contain is a table: `rules.briefs.levels`."""

    FULL = "full", pgettext_lazy("brief", "Full")
    INTERNAL = "internal", pgettext_lazy("brief", "Internal")
    OUTSIDE = "outside", pgettext_lazy("brief", "Outside")


class BriefLanguage(models.TextChoices):
    """What a brief is written in, each by its own name."""

    EN = "en", "English"
    ZH = "zh-hans", "中文"


class Legal(models.TextChoices):
    """What of law or regulator there is to it."""

    NONE = "none", _("Nothing")
    POSSIBLE = "possible", _("Possible")
    CLAIM = "claim", _("A claim was made")
    REGULATOR = "regulator", _("A regulator asks")


class Reach(models.TextChoices):
    """How public it is."""

    NONE = "none", _("Nothing")
    POSSIBLE = "possible", _("Possible")
    SOCIAL = "social", _("On social media")
    PRESS = "press", _("In the press")


# Lengths as they take room on the page: a Chinese character counts as two letters.
MAX_SITUATION: Final = 600
MAX_NEXT: Final = 240
MAX_EXPOSURE: Final = 160
MAX_QUOTE: Final = 160
MAX_EXCERPT: Final = 80
MAX_SUBJECT: Final = 200
MAX_LINES: Final = 6
MAX_CHANGES: Final = 6
MAX_PEOPLE: Final = 1_000_000
MAX_NAME: Final = 80
CURRENCIES: Final = (
    "AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "JPY",
    "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "VND", "ZAR",
)  # fmt: skip
