"""Evidence packs: everything of a case as one archive with the hashes of what is in it, made by a worker."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from escalations.choices.evidence import PackFault, PackState

from .case import Case


class EvidencePack(models.Model):
    """A pack that somebody asked for, of the case as it stood then. `cases`: whose entries it holds, for the question who may
    have it. The words of why it was asked for stand in its entry."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence_packs")
    asked_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField(default=timezone.now)
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=PackState, default=PackState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    fault = models.CharField(max_length=10, choices=PackFault, blank=True, default="")
    cases = ArrayField(models.BigIntegerField(), default=list)
    file_id = models.UUIDField(null=True, unique=True)
    size = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    manifest_sha256 = models.CharField(max_length=64, blank=True, default="")
    made_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "asked_by"], condition=Q(state=PackState.WAITING), name="evidence_one_waiting"
            ),
            models.CheckConstraint(condition=Q(state__in=PackState.values), name="evidence_state_known"),
            models.CheckConstraint(
                condition=~Q(state=PackState.READY)
                | Q(
                    file_id__isnull=False,
                    expires_at__isnull=False,
                    sha256__regex=r"^[0-9a-f]{64}$",
                    manifest_sha256__regex=r"^[0-9a-f]{64}$",
                ),
                name="evidence_ready_is_whole",
            ),
            models.CheckConstraint(condition=Q(state=PackState.READY) | Q(file_id=None), name="evidence_file_if_ready"),
        ]
        indexes = [
            models.Index("id", condition=Q(state=PackState.WAITING), name="evidence_to_make"),
            models.Index("expires_at", condition=Q(state=PackState.READY), name="evidence_to_expire"),
        ]

    def __str__(self) -> str:
        return f"evidence {self.pk} of case {self.case_id}"
