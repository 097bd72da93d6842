"""One append-only table. The database refuses UPDATE, DELETE and TRUNCATE (migration 0002)."""

from django.db import models
from django.db.models import Q


class AuditEntry(models.Model):
    """Somebody did something to an object. Actors and objects are named by type and id, never joined."""

    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)  # null: the system itself
    on_behalf_of_id = models.BigIntegerField(null=True)
    verb = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
            models.Index(fields=["on_behalf_of_id"], condition=Q(on_behalf_of_id__isnull=False), name="audit_behalf"),
            models.Index(fields=["verb", "-id"], name="audit_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"
