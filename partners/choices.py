"""Enumerations of the directory."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PlacementKind(TextChoices):
    """A person has one primary placement at a time; a loan comes on top of it."""

    PRIMARY = "primary", _("Primary")
    LOAN = "loan", _("Loan")


class Language(TextChoices):
    """The language in which a person is addressed."""

    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Simplified Chinese")


class Presence(TextChoices):
    """How the list of people may be narrowed by employment."""

    CURRENT = "current", _("Current")
    LEFT = "left", _("Left")
    ALL = "all", _("All")
