"""Files of facts: what was read, what was wrong, and what a corrected file replaced."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..choices import BatchState, FactKind, ImportMode


class Batch(models.Model):
    """One file, or one hand-in of another wing (`digest` then is its key). Counts are rows. `user` null: the system."""

    kind = models.CharField(max_length=10, choices=FactKind)
    source = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    mode = models.CharField(max_length=6, choices=ImportMode, default=ImportMode.WHOLE)
    state = models.CharField(max_length=9, choices=BatchState, default=BatchState.READING)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    replaced = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    faults = models.PositiveIntegerField(default=0)
    sites = models.ManyToManyField("partners.Site", related_name="+")
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (models.Index(fields=("-created_at", "-id"), name="batch_newest"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=FactKind.values), name="batch_kind_known"),
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
            models.CheckConstraint(
                condition=Q(state=BatchState.APPLIED, applied_at__isnull=False)
                | (~Q(state=BatchState.APPLIED) & Q(applied_at=None)),
                name="batch_applied_at",
            ),
        )

    def __str__(self) -> str:
        return self.name


class RowFault(models.Model):
    """What was wrong with a row: the reason is a code with parameters, told in the reader's language. The first 1,000 are kept."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="row_faults")
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=120, blank=True, default="")
    code = models.CharField(max_length=40)
    params = models.JSONField(default=dict)

    class Meta:
        ordering = ("row", "id")

    def __str__(self) -> str:
        return f"{self.row}: {self.code}"


class Revision(models.Model):
    """A fact that a corrected file replaced: what stood there, and which imports wrote the old and the new. Append-only."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="revisions")
    former_batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    former_row = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=FactKind)
    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    queue = models.ForeignKey("partners.Queue", models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey("partners.Person", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    before = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = (models.Index(fields=("site", "at"), name="revision_site_time"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
