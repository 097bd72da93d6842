"""Tokens, and the answers that are kept for requests that come again."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.api.choices import MAX_KEY, MAX_LIFE


class ApiToken(models.Model):
    """What a program shows to act as its person. Only its SHA-256 is kept; it is revoked, never deleted."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=40))
    prefix = models.CharField(max_length=12)  # shown, so that people know which is which
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & Q(scopes__len__gt=0), name="api_token_whole"),
            models.CheckConstraint(condition=Q(("token_hash__regex", r"^[0-9a-f]{64}$")), name="api_token_hashed"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + MAX_LIFE),
                name="api_token_expires",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None) | Q(revoked_at__gte=F("created_at")), name="api_token_revoked_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def ended(self) -> bool:
        """Whether it is dead: revoked, or past its day."""
        return self.revoked_at is not None or self.expires_at <= timezone.now()


class IdempotentRequest(models.Model):
    """What was answered to a request with this key; written with what the request did, in one transaction."""

    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=MAX_KEY)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "key"], name="api_request_once"),
            models.CheckConstraint(condition=~Q(key=""), name="api_request_has_key"),
            # What was refused did nothing, so it may be tried again under the same key.
            models.CheckConstraint(condition=Q(status__gte=200, status__lte=299), name="api_request_done"),
        ]
        indexes = [BrinIndex("created_at", name="api_request_at", autosummarize=True, pages_per_range=32)]

    def __str__(self) -> str:
        return f"{self.key} of token {self.token_id}"
