"""How two cases hang together, and why they may be one matter."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkKind(models.TextChoices):
    """What a link says of two cases."""

    RELATED = "related", _("Related")
    DUPLICATE = "duplicate", _("Duplicate")
    FOLLOW_ON = "follow_on", _("Follow-on")
    SPLIT = "split", _("Split off")


#: Kinds in which one case came out of the other.
DIRECTED: Final = (LinkKind.FOLLOW_ON.value, LinkKind.SPLIT.value)


class Said(models.TextChoices):
    """What somebody may say of this case and another one."""

    RELATED = "related", _("It has to do with that case")
    DUPLICATE = "duplicate", _("It is the same matter as that case")
    FOLLOWS = "follows", _("It follows on that case")
    FOLLOWED = "followed", _("That case follows on it")


class Likeness(models.TextChoices):
    """Why two cases may be one matter."""

    NUMBER = "number", _("same booking number")
    CUSTOMER = "customer", _("same customer")
    WORDS = "words", _("similar words")


#: How long ago a case may have been solved to be thought of still.
RECENT_DAYS: Final = 30
#: As many hints as somebody takes in at a glance.
MOST_HINTS: Final = 5
#: As many messages as somebody chooses among when splitting one off.
MOST_CARRIED: Final = 50
