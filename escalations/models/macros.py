"""Macros: several acts under one name."""

from django.db import models
from django.db.models import Q

from escalations.choices import Verb
from escalations.choices.replies import ReplyLanguage
from portal.naming import in_language

from .configuration import Service
from .replies import ReplyTemplate


class Macro(models.Model):
    """What is often done to a case in one go, of one service or (without one) of all. The acts are done in the order of the
    columns: take it, note, reply, state."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="macros")
    name = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120, blank=True)
    take = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    # Empty: the note is the same in both languages.
    note_zh = models.TextField(blank=True, default="", db_default="")
    reply = models.ForeignKey(ReplyTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="macros")
    verb = models.CharField(max_length=20, choices=Verb, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], nulls_distinct=False, name="macro_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="macro_named"),
            models.CheckConstraint(
                condition=Q(take=True) | ~Q(note="") | Q(reply__isnull=False) | ~Q(verb=""), name="macro_does_something"
            ),
            # Why a case is rejected is said of that case.
            models.CheckConstraint(
                condition=Q(verb__in=["", *(verb for verb in Verb.values if verb != Verb.REJECT)]),
                name="macro_verb_known",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)

    def note_in(self, language: str) -> str:
        """The note in a language; the English one where there is no other."""
        return self.note_zh if self.note_zh and language == ReplyLanguage.CHINESE else self.note
