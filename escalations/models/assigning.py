"""Who works when, what they take, how much at once, and what they were given."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from escalations.choices import GivenBy

from .case import Case
from .configuration import IssueType


class WorkShift(models.Model):
    """Working hours of one weekday in the person's own zone. An end not after the start lies on the next day."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    weekday = models.PositiveSmallIntegerField()  # 0 is Monday
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "weekday", "starts"], name="work_shift_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="work_shift_weekday_known"),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class Workload(models.Model):
    """How much somebody takes at once, as a sum of weights, and in which languages. No row: no limit, any language."""

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, related_name="+", primary_key=True)
    cap = models.PositiveSmallIntegerField(null=True)
    languages = ArrayField(models.CharField(max_length=12), default=list)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cap=None) | Q(cap__gte=1, cap__lte=999), name="workload_cap_fits")
        ]

    def __str__(self) -> str:
        return f"workload of {self.user_id}"


class IssueSkill(models.Model):
    """An issue type, with all beneath it, that somebody takes. Nobody's rows: they take all."""

    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    issue_type = models.ForeignKey(IssueType, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "issue_type"], name="issue_skill_once")]

    def __str__(self) -> str:
        return f"{self.user_id} takes {self.issue_type_id}"


class Giving(models.Model):
    """A case that was given to somebody by what they had. Append-only: the database refuses UPDATE, DELETE and TRUNCATE."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="givings")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=10, choices=GivenBy)
    weight = models.PositiveSmallIntegerField()
    load = models.PositiveIntegerField()  # what they had before
    cap = models.PositiveSmallIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(by__in=GivenBy.values), name="giving_way_known"),
            models.CheckConstraint(
                condition=Q(cap=None) | Q(cap__gte=F("load") + F("weight")), name="giving_never_above_cap"
            ),
        ]
        indexes = [models.Index(fields=["user", "at"], name="giving_lately")]

    def __str__(self) -> str:
        return f"case {self.case_id} given to {self.user_id}"
