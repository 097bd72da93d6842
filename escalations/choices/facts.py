"""What may be known of a case and of the customer: topics of facts, and where a fact is from."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class CardKey(models.TextChoices):
    """How the customer wants to be met: the card at the top of a case."""

    PREFERRED_NAME = "preferred_name", _("Preferred name")
    PRONOUNS = "pronouns", _("Pronouns")
    LANGUAGE = "language", _("Language")
    CHANNEL = "channel", _("Preferred channel")
    HOURS = "hours", _("Hours")
    THROUGH = "through", _("Through")
    AVOID = "avoid", _("Avoid")


class FactKey(models.TextChoices):
    """What a customer would otherwise be asked twice. A fact without a key is one of its own."""

    IDENTITY = "identity", _("Identity")
    BOOKING = "booking", _("Booking or order")
    WHAT_HAPPENED = "what_happened", _("What happened")
    WHEN_HAPPENED = "when_happened", _("When it happened")
    WHEREABOUTS = "whereabouts", _("Where they are now")
    COMPANY = "company", _("Who is with them")
    SAFETY = "safety", _("Safety")
    TRIED = "tried", _("What was tried already")
    PAYMENT = "payment", _("Payment")
    DOCUMENTS = "documents", _("Documents received")
    WISH = "wish", _("What they ask for")
    REPORTED = "reported", _("Reported elsewhere")


class FactSource(models.TextChoices):
    """How we know."""

    CUSTOMER = "customer", _("Told by the customer")
    CHECKED = "checked", _("Checked by us")
    PARTNER = "partner", _("From the partner")
    SYSTEM = "system", _("From a system")
    OTHER = "other", _("From somebody else")


# A fact of its own has no key.
FREE: Final = ""
MAX_FACT: Final = 2_000
MAX_CARD: Final = 200


def label_of(key: str) -> str:
    """The name of a topic in the reader's language; the key itself for one that is not (or no longer) known."""
    for keys in (CardKey, FactKey):
        if key in keys.values:
            return str(keys(key).label)
    return key
