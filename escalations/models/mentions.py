"""Who was named in a note, so that they hear of it. Append-only."""

from django.db import models
from django.utils import timezone

from .timeline import TimelineEntry


class Mention(models.Model):
    """Somebody is named in the words of an entry: `length` characters from `start` on, with the @ before them."""

    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="mentions", db_index=False)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    start = models.PositiveSmallIntegerField()
    length = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "start"], name="mention_once"),
            models.CheckConstraint(condition=models.Q(length__gte=2), name="mention_has_name"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="mention_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} in entry {self.entry_id}"


class MentionSeen(models.Model):
    """Up to which mention somebody has read theirs."""

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="+", primary_key=True)
    up_to = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id} up to {self.up_to}"
