"""Calendars: a name, and versions that never change."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(name: str, name_zh: str) -> str:
    """The Chinese name for readers of Chinese, if there is one; else the name."""
    return name_zh if name_zh and (get_language() or "").startswith("zh") else name


class Calendar(models.Model):
    """Opening hours under a name. What they are is said by the newest version."""

    name = models.CharField(_("Name"), max_length=120)
    name_zh = models.CharField(_("Name in Chinese"), max_length=120, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), condition=Q(archived_at=None), name="sla_calendar_name_once"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)


class CalendarVersion(models.Model):
    """What a calendar says from one change to the next. Append-only.

    `hours` maps "mon".."sun" to lists of ranges, `exceptions` a date to ranges of its own (none: closed).
    `holidays` (date to names in English and Chinese) and `workdays` (make-up working days) are what the
    country's rules gave when the version was made, so that an old due time can be explained for ever.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    time_zone = models.CharField(max_length=64)
    hours = models.JSONField(default=dict)
    country = models.CharField(max_length=3, blank=True)
    subdivision = models.CharField(max_length=10, blank=True)
    exceptions = models.JSONField(default=dict)
    holidays = models.JSONField(default=dict)
    workdays = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "number"], name="sla_calendar_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="sla_calendar_version_from_1"),
            models.CheckConstraint(condition=~Q(subdivision__gt="", country=""), name="sla_calendar_subdivision"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id}/{self.number}"
