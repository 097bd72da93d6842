"""Which other systems hear what of whose cases, and how much each has heard of a case."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from escalations.choices.hooks import Happening

from .case import Case
from .configuration import Service


class CaseSubscription(models.Model):
    """A receiver hears these events of standard cases of these services. Of protected cases nobody outside hears."""

    target = models.ForeignKey("webhooks.WebhookTarget", on_delete=models.PROTECT, related_name="+")
    events = ArrayField(models.CharField(max_length=24, choices=Happening))
    services = models.ManyToManyField(Service, related_name="+")
    is_on = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField(db_default=Now())
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(events__contained_by=Happening.values) & Q(events__len__gt=0),
                name="subscription_events_known",
            )
        ]

    def __str__(self) -> str:
        return f"subscription of target {self.target_id}"


class CaseSequence(models.Model):
    """How many events of a case were queued for a subscription: each carries its number."""

    pk = models.CompositePrimaryKey("subscription_id", "case_id")
    subscription = models.ForeignKey(CaseSubscription, on_delete=models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    last = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.last} of case {self.case_id}"
