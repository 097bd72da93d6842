"""How cases hang together: links, pairs that are not the same after all, and entries that another case shows as well."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from escalations.choices.links import DIRECTED, LinkKind

from .case import Case
from .timeline import TimelineEntry


class CaseLink(models.Model):
    """Two cases that belong together, in order of their numbers. It ends at most once; otherwise it never changes."""

    case_a = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    case_b = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=LinkKind)
    # Of kinds with a direction: whether B came out of A, and not A out of B.
    b_follows = models.BooleanField(null=True)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_a", "case_b"], condition=Q(ended_at=None), name="case_link_once"),
            models.CheckConstraint(condition=Q(case_a__lt=F("case_b")), name="case_link_in_order"),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="case_link_kind_known"),
            models.CheckConstraint(
                condition=Q(kind__in=DIRECTED, b_follows__isnull=False) | (~Q(kind__in=DIRECTED) & Q(b_follows=None)),
                name="case_link_has_direction",
            ),
            models.CheckConstraint(condition=Q(ended_by=None) | Q(ended_at__isnull=False), name="case_link_end_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of cases {self.case_a_id} and {self.case_b_id}"


class CaseDifference(models.Model):
    """Somebody looked at two cases, in order of their numbers, and said that they are not the same. Append-only."""

    case_a = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", db_index=False)
    case_b = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case_a", "case_b"], name="case_difference_once"),
            models.CheckConstraint(condition=Q(case_a__lt=F("case_b")), name="case_difference_in_order"),
        ]

    def __str__(self) -> str:
        return f"cases {self.case_a_id} and {self.case_b_id} are not the same"


class CarriedEntry(models.Model):
    """An entry that another case shows as well, since it was split off. The entry stays where it was written. Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="carried", db_index=False)
    entry = models.ForeignKey(TimelineEntry, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "entry"], name="carried_entry_once")]

    def __str__(self) -> str:
        return f"entry {self.entry_id} in case {self.case_id}"
