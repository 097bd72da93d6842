"""Work that a change of policies or calendars leaves to a worker."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from sla.choices import JobState


class Recompute(models.Model):
    """Recompute running clocks in batches; `cursor` is the last subject done, so that it goes on where it stopped.

    With a calendar only the clocks on it; without, every open clock of the kind (policies may match otherwise now).
    """

    subject_kind = models.CharField(max_length=40)
    calendar = models.ForeignKey("sla.Calendar", on_delete=models.PROTECT, null=True, related_name="+")
    policy = models.ForeignKey("sla.Policy", on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.PENDING)
    cursor = models.BigIntegerField(default=0)
    visited = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    skipped = ArrayField(models.BigIntegerField(), default=list)  # subjects that were busy, for the end
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="sla_recompute_state_known"),
            models.CheckConstraint(
                condition=Q(state=JobState.DONE, finished_at__isnull=False)
                | Q(state=JobState.PENDING, finished_at__isnull=True),
                name="sla_recompute_finished",
            ),
        ]
        indexes = [models.Index("id", condition=Q(state=JobState.PENDING), name="sla_recompute_pending")]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.cursor}"
