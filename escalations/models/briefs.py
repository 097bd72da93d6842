"""Briefs of a case: versions that never change, their words apart from them, and who was given a copy."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from escalations.choices.briefs import BriefLevel

from .case import Case
from .timeline import TimelineEntry

_HASH = r"^[0-9a-f]{64}$"


class Brief(models.Model):
    """One version of the brief of a case. Append-only.

    `content` is what `rules.briefs` built, reduced to `level`, with a hash in place of each text.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="briefs", db_index=False)
    version = models.PositiveIntegerField()
    level = models.CharField(max_length=10, choices=BriefLevel)
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="brief")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="brief_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="brief_counts_from_one"),
            models.CheckConstraint(condition=Q(level__in=BriefLevel.values), name="brief_level_known"),
            models.CheckConstraint(condition=Q(sha256__regex=_HASH), name="brief_has_hash"),
            models.CheckConstraint(condition=Q(content__has_key="schema"), name="brief_says_its_schema"),
        ]

    def __str__(self) -> str:
        return f"brief {self.version} of case {self.case_id}"


class BriefWord(models.Model):
    """One text of a brief, apart from it, so that it can be removed; its hash stays in the brief.

    `entry`: whose words they are. They go when that entry's go.
    """

    brief = models.ForeignKey(Brief, on_delete=models.PROTECT, related_name="words", db_index=False)
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    salt = models.CharField(max_length=64)
    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="+")
    redacted_at = models.DateTimeField(null=True)
    redacted_by = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["brief", "number"], name="brief_word_once"),
            models.CheckConstraint(
                condition=Q(redacted_at=None, redacted_by=None) | Q(redacted_at__isnull=False, text="", salt=""),
                name="brief_word_redacted_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"text {self.number} of brief {self.brief_id}"


class BriefCopy(models.Model):
    """A copy for one reader at one level: somebody of the portal, or a name outside it. Append-only."""

    brief = models.ForeignKey(Brief, on_delete=models.PROTECT, related_name="copies")
    reader = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=80, blank=True)
    level = models.CharField(max_length=10, choices=BriefLevel)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="brief_copy")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["brief", "reader"], condition=Q(reader__isnull=False), name="brief_copy_once"
            ),
            models.CheckConstraint(
                condition=(Q(reader=None) & ~Q(name="")) | Q(reader__isnull=False, name=""),
                name="brief_copy_has_one_reader",
            ),
            models.CheckConstraint(condition=Q(level__in=BriefLevel.values), name="brief_copy_level_known"),
            models.CheckConstraint(
                condition=Q(reader__isnull=False) | ~Q(level=BriefLevel.FULL), name="brief_copy_outside_not_full"
            ),
            models.CheckConstraint(condition=Q(sha256__regex=_HASH), name="brief_copy_has_hash"),
        ]

    def __str__(self) -> str:
        return f"copy {self.pk} of brief {self.brief_id}"
