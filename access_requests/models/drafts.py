"""What somebody has put together for a request and not sent yet."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..choices import RequestKind
from .requests import AccessRequest


class RequestDraft(models.Model):
    """A request in the making, seen by whoever makes it alone.

    `rows` are the people as they were named, cell by cell, with the person that each was found to be; they go when the
    draft is sent. `left_out`: entitlements of the job that are not asked for; `extras`: those asked for on top.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16, choices=RequestKind)
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, related_name="+")
    rows = models.JSONField(default=list)
    people_chosen = models.BooleanField(default=False)
    shift_at = models.DateTimeField(null=True, blank=True)
    left_out = ArrayField(models.BigIntegerField(), default=list)
    extras = ArrayField(models.BigIntegerField(), default=list)
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    # The first of the requests that the draft became.
    request = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="draft_kind_known"),
            models.CheckConstraint(condition=Q(request=None) | Q(rows=[]), name="draft_sent_forgets_people"),
        ]
        indexes = [models.Index(fields=["owner", "-saved_at"], condition=Q(request=None), name="draft_open")]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
