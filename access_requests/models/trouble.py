"""Trouble with access: reports, and incidents made of several alike."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.naming import in_language

from ..choices import Symptom, TroubleState
from .catalogue import System
from .requests import AccessRequest


class Incident(models.Model):
    """Several reports alike from one site within a quarter of an hour. One is open per site, symptom and system."""

    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, related_name="+")
    symptom = models.CharField(max_length=10, choices=Symptom)
    system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "symptom", "system"],
                condition=Q(closed_at=None),
                nulls_distinct=False,
                name="incident_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"IN-{self.pk}"


class TroubleReport(models.Model):
    """What does not work for whom; belongs to a troubleshooting request. `checks`: first checks of the
    symptom that were done, by their codes; those of the system are rows of `TriedCheck`.
    """

    request = models.OneToOneField(AccessRequest, on_delete=models.PROTECT, related_name="trouble")
    site = models.ForeignKey("partners.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey("partners.Person", on_delete=models.PROTECT, related_name="+")
    system = models.ForeignKey(System, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    symptom = models.CharField(max_length=10, choices=Symptom)
    checks = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    details = models.CharField(max_length=1000, blank=True, default="")
    state = models.CharField(max_length=10, choices=TroubleState, default=TroubleState.OPEN)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="members")
    taken_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    solved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(symptom__in=Symptom.values), name="trouble_symptom_known"),
            models.CheckConstraint(
                condition=~Q(state=TroubleState.SOLVED) | Q(solved_at__isnull=False), name="trouble_solved_has_instant"
            ),
        ]
        indexes = [
            models.Index(fields=["site", "symptom", "system", "reported_at"], name="trouble_alike"),
            models.Index(
                fields=["system", "id"],
                condition=Q(state__in=[TroubleState.OPEN, TroubleState.WORKING]),
                name="trouble_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symptom} for {self.person_id}"


class TriedCheck(models.Model):
    """A first check of the system that was done before the report, in the words of that day: they may be changed later."""

    report = models.ForeignKey(TroubleReport, on_delete=models.PROTECT, related_name="tried", db_index=False)
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    text_zh = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "number"], name="tried_check_number_unique")]

    def __str__(self) -> str:
        return in_language(self.text, self.text_zh)
