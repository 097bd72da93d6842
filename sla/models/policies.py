"""Policies: an ordered list, each with versions that never change."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sla.choices import MAX_MINUTES
from sla.models.calendars import Calendar, in_language


class Policy(models.Model):
    """One entry of the list for a kind of subject; the first that matches holds."""

    subject_kind = models.CharField(max_length=40)
    name = models.CharField(_("Name"), max_length=120)
    name_zh = models.CharField(_("Name in Chinese"), max_length=120, blank=True)
    position = models.PositiveIntegerField(_("Place in the list"))
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "subject_kind", Lower("name"), condition=Q(archived_at=None), name="sla_policy_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)


class PolicyVersion(models.Model):
    """What a policy says from one change to the next. Append-only.

    `match` maps a dimension to the values it accepts; a dimension that is not named accepts all.
    """

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    match = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="sla_policy_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="sla_policy_version_from_1"),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}/{self.number}"


class PolicyTarget(models.Model):
    """How long one metric may take, in business minutes on a calendar. Append-only."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="targets")
    metric = models.CharField(max_length=40)
    minutes = models.PositiveIntegerField()
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+")
    warn = ArrayField(models.PositiveSmallIntegerField(), default=list)
    pause_states = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "metric"], name="sla_target_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=MAX_MINUTES), name="sla_target_minutes"),
        ]

    def __str__(self) -> str:
        return f"{self.metric}: {self.minutes} min"


class EscalationLevel(models.Model):
    """Who hears of a breach, and how many business minutes after it. Append-only.

    `who` holds `choices.Recipient` keys and ids of users, as strings.
    """

    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="levels")
    level = models.PositiveSmallIntegerField()
    minutes_after = models.PositiveIntegerField()
    who = ArrayField(models.CharField(max_length=40))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "level"], name="sla_level_once"),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=9, minutes_after__lte=MAX_MINUTES, who__len__gt=0),
                name="sla_level_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}: +{self.minutes_after} min"
