"""A lead's weekly word that nobody has left without being reported."""

from django.db import models
from django.db.models.functions import ExtractIsoWeekDay
from django.utils import timezone

from .organisation import Site


class LeaverAttestation(models.Model):
    """One per site and ISO week; the week is named by its Monday at the site."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="attestations")
    week = models.DateField()
    attested_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    attested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-week", "site_id")
        constraints = (
            models.UniqueConstraint(fields=("site", "week"), name="attestation_once_a_week"),
            models.CheckConstraint(
                condition=models.Q(models.lookups.Exact(ExtractIsoWeekDay("week"), 1)), name="attestation_from_monday"
            ),
        )

    def __str__(self) -> str:
        return f"{self.site_id} {self.week}"
