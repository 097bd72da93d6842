"""The ledger of what is known: append-only, the newest wins, the earlier ones stay."""

from django.db import models
from django.db.models import F, Q

from escalations.choices.facts import FactSource

from .case import Case
from .timeline import TimelineEntry


class CaseFact(models.Model):
    """One thing that is known of a case, or no longer true. Its words are those of its entry, and are removed like them.

    A correction is a row that `replaces` the one before it; what nothing replaces is what is known now.
    """

    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="fact")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="known", db_index=False)
    # Of `choices.facts`; empty for a fact of its own.
    key = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=12, choices=FactSource)
    withdrawn = models.BooleanField(default=False)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "key"], condition=Q(replaces=None) & ~Q(key=""), name="fact_one_thread_per_key"
            ),
            models.CheckConstraint(condition=Q(source__in=FactSource.values), name="fact_source_known"),
            models.CheckConstraint(condition=Q(key__regex=r"^[a-z0-9_]*$"), name="fact_key_is_a_code"),
            models.CheckConstraint(condition=Q(withdrawn=False) | Q(replaces__isnull=False), name="fact_withdraws_one"),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="fact_not_replaced_by_itself"),
        ]
        indexes = [models.Index(fields=["case", "id"], name="fact_of_case")]

    def __str__(self) -> str:
        return f"{self.key or 'fact'} of case {self.case_id}"
