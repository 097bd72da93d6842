"""What the wings' tables have in common: names in two languages, and a count of changes."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(text: str, text_zh: str) -> str:
    """The Chinese text for readers of Chinese, if there is one; else the English one."""
    return text_zh if text_zh and (get_language() or "").startswith("zh") else text


class Versioned(models.Model):
    """A row that two people may edit at once: the version counts its changes."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class Named(Versioned):
    """A configured thing with a name in one or two languages; it is archived, never deleted."""

    name = models.CharField(_("name"), max_length=120)
    name_zh = models.CharField(_("name in Chinese"), max_length=120, blank=True, default="")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language; English where there is no Chinese."""
        return in_language(self.name, self.name_zh)
