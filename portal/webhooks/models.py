"""Where signed requests go, how the last ones went, who does not answer, and which came in."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from portal.sealing import seal, unseal


class WebhookTarget(models.Model):
    """A receiver of signed requests. Referred to, so archived instead of deleted."""

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    sealed_secret = models.TextField()  # encrypted, see portal.sealing
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(archived_at=None), name="webhook_target_name_once"),
            models.CheckConstraint(condition=Q(url__regex=r"^https?://"), name="webhook_target_url_http"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(sealed_secret=""), name="webhook_target_whole"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def secret(self) -> str:
        """What requests are signed with. Raises SealBrokenError."""
        return unseal(self.sealed_secret)

    @secret.setter
    def secret(self, value: str) -> None:
        self.sealed_secret = seal(value)


class WebhookAttempt(models.Model):
    """One request to a target, and what came of it. Forgotten after a month."""

    target = models.ForeignKey(WebhookTarget, on_delete=models.PROTECT, related_name="attempts")
    message_id = models.CharField(max_length=64)
    event = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())
    milliseconds = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True)  # of the answer; null: there was none
    error = models.CharField(max_length=300, blank=True, db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["target", "-id"], name="webhook_attempt_last"),
            models.Index(fields=["at"], name="webhook_attempt_at"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.message_id}"


class Silence(models.Model):
    """An address that kept us waiting for nothing: how often by now, and until when it is left alone. An answer ends it."""

    address = models.CharField(max_length=500)
    misses = models.PositiveSmallIntegerField(default=1)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address"], name="webhook_silence_once")]

    def __str__(self) -> str:
        return self.address


class SeenMessage(models.Model):
    """A signed request that came in, by its sender and id: the same one counts once."""

    source = models.CharField(max_length=64)
    message_id = models.CharField(max_length=200)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "message_id"], name="webhook_seen_once")]
        indexes = [models.Index(fields=["received_at"], name="webhook_seen_at")]

    def __str__(self) -> str:
        return f"{self.source} {self.message_id}"
