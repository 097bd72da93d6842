"""How far the portal's own figures follow what happens in other wings."""

from django.db import models
from django.db.models.functions import Now


class HandIn(models.Model):
    """Up to when a wing's changes are in its figures; null: they never were handed in."""

    source = models.CharField(max_length=40, unique=True)
    seen_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.source


class HandInDue(models.Model):
    """Something changed that a wing's figures of earlier days may rest on. Only ever added, so that nobody waits for anybody."""

    source = models.CharField(max_length=40)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.source
