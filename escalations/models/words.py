"""What the search looks through: the words of cases and of their entries."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from .case import Case
from .timeline import TimelineEntry


class CaseWords(models.Model):
    """The words of a case (no entry: subject, references) or of one entry, for the search alone.

    Triggers of the database keep it, in the transaction that writes the words, changes the case or removes them. Besides
    words, `words` has marks, which no text can hold, of what narrows a search: see `queries.finding`.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    entry = models.OneToOneField(TimelineEntry, on_delete=models.CASCADE, null=True, related_name="+")
    is_internal = models.BooleanField(default=False)
    words = SearchVectorField()
    # How the customer is known: a booking number or an address is found by any part of it.
    handle = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(entry=None), name="case_words_once"),
            models.CheckConstraint(condition=Q(entry=None) | Q(handle=""), name="case_words_handle_of_case"),
            models.CheckConstraint(condition=Q(is_internal=False) | ~Q(entry=None), name="case_words_internal_entry"),
        ]
        indexes = [
            GinIndex("words", fastupdate=False, name="case_words"),
            GinIndex(fields=["handle"], opclasses=["gin_trgm_ops"], condition=Q(entry=None), name="case_words_handle"),
        ]

    def __str__(self) -> str:
        return f"words of case {self.case_id}"
