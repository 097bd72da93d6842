"""Reply templates in versions that never change, and which reply was made from which."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from escalations.choices.replies import ReplyLanguage
from portal.naming import in_language

from .configuration import Service
from .timeline import TimelineEntry


class ReplyTemplate(models.Model):
    """Words that replies begin with, of one service or (without one) of all."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="templates")
    name = models.CharField(max_length=120)
    name_zh = models.CharField(max_length=120, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], nulls_distinct=False, name="reply_template_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="reply_template_named"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return in_language(self.name, self.name_zh)


class ReplyTemplateVersion(models.Model):
    """What a template says from one change to the next. Append-only: what was used stays what it was."""

    template = models.ForeignKey(ReplyTemplate, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    body = models.TextField()
    # Empty: there is no such reply in Chinese.
    body_zh = models.TextField(blank=True)
    # Keys of facts that the text asks the customer for.
    asks = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="reply_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="reply_version_from_one"),
            models.CheckConstraint(condition=~Q(body=""), name="reply_version_says_something"),
        ]

    def __str__(self) -> str:
        return f"version {self.number} of template {self.template_id}"

    def text_in(self, language: str) -> str:
        """The text in a language; empty if there is none."""
        return self.body_zh if language == ReplyLanguage.CHINESE else self.body


class TemplateUse(models.Model):
    """A reply that was made from a template. Append-only. Why it asked for what was known is a note beside the reply."""

    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="made_from")
    version = models.ForeignKey(ReplyTemplateVersion, on_delete=models.PROTECT, related_name="uses")
    language = models.CharField(max_length=8, choices=ReplyLanguage)
    # Keys of known facts that the reply asked for all the same.
    asked_known = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(language__in=ReplyLanguage.values), name="template_use_language_known"),
        ]

    def __str__(self) -> str:
        return f"entry {self.entry_id} from {self.version_id}"
