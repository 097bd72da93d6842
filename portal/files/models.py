"""What is known of a stored file; its bytes lie in the files folder under its id."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portal.files.choices import TYPES


class StoredFile(models.Model):
    """A file that somebody or some mail brought. Its content never changes.

    `owner_kind` and `owner_id` say what it hangs on; both are empty until it is attached, and what stays so is purged.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()  # bytes
    content_type = models.CharField(max_length=127)  # found out from the content
    sha256 = models.CharField(max_length=64)
    owner_kind = models.CharField(max_length=40, blank=True, db_default="")
    owner_id = models.CharField(max_length=64, blank=True, db_default="")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="file_not_empty"),
            models.CheckConstraint(condition=~Q(name=""), name="file_has_name"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="file_has_hash"),
            models.CheckConstraint(
                condition=Q(owner_kind="", owner_id="") | (~Q(owner_kind="") & ~Q(owner_id="")), name="file_owner_whole"
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner_kind", "owner_id", "created_at"], condition=~Q(owner_kind=""), name="file_owner"
            ),
            models.Index(fields=["created_at"], condition=Q(owner_kind=""), name="file_orphans"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_inline(self) -> bool:
        """Whether a browser may show it by itself."""
        kind = TYPES.get(self.content_type)
        return kind is not None and kind.inline
