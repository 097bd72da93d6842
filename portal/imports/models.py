"""What importers remember."""

from django.db import models
from django.utils import timezone


class TimeShift(models.Model):
    """How far a source was moved in time, and where it was cut off, from its first shifted run on."""

    source = models.CharField(max_length=40, unique=True)
    offset_seconds = models.BigIntegerField()
    cut_off_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.source} by {self.offset_seconds} s"
