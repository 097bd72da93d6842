"""What happened to a case: append-only entries, their words, and who wants to hear of it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from escalations.choices import Channel, Direction, Entry, Outcome

from .case import Case


class TimelineEntry(models.Model):
    """One thing that happened to a case. Append-only: the database refuses UPDATE, DELETE and TRUNCATE."""

    # Indexes that nobody would read are left out: the worker writes thousands of these rows a second.
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries", db_index=False)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=12, choices=Entry)
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)
    actor = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    on_behalf_of = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    is_internal = models.BooleanField(default=True)
    channel = models.CharField(max_length=12, choices=Channel, blank=True)
    direction = models.CharField(max_length=3, choices=Direction, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    clock_event_id = models.BigIntegerField(null=True)
    source_key = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock_event_id"], name="entry_once_per_clock_event"),
            models.UniqueConstraint(
                fields=["case", "source_key"], condition=~Q(source_key=""), name="entry_once_per_source_key"
            ),
            models.CheckConstraint(condition=Q(kind__in=Entry.values), name="entry_kind_known"),
        ]
        indexes = [
            models.Index(fields=["case", "at", "id"], name="entry_case_at"),
            BrinIndex("recorded_at", name="entry_recorded", autosummarize=True, pages_per_range=32),
        ]

    def __str__(self) -> str:
        return f"{self.code} of case {self.case_id}"


class EntryBody(models.Model):
    """The words of an entry, apart from it, so that they can be redacted without touching the trail."""

    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="body")
    text = models.TextField()
    redacted_at = models.DateTimeField(null=True, blank=True)
    redacted_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(redacted_at=None, redacted_by=None) | Q(redacted_at__isnull=False, text=""),
                name="entry_body_redacted_is_empty",
            )
        ]

    def __str__(self) -> str:
        return f"body of entry {self.entry_id}"


class Watcher(models.Model):
    """Somebody who wants to hear of a case without owning it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="watchers")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="watcher_once")]

    def __str__(self) -> str:
        return f"{self.user_id} watches {self.case_id}"
