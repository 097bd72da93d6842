"""Playbooks and their versions; which one a case follows, and what was said of each step."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from escalations.choices import Evidence, Severity, StepWhat
from portal.naming import Named, Versioned, in_language

from .case import Case
from .configuration import IssueType, Service
from .timeline import TimelineEntry


class Playbook(Named):
    """What is done about a kind of matter: of any or one service, issue type (with those below it) and severity."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True, blank=True, related_name="playbooks")
    issue_type = models.ForeignKey(IssueType, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, null=True, blank=True)

    class Meta:
        ordering = ("name", "id")
        constraints = [
            # Two for the same matter would leave it to chance which one a case follows.
            models.UniqueConstraint(
                fields=("service", "issue_type", "severity"),
                condition=Q(archived_at=None),
                nulls_distinct=False,
                name="playbook_one_for_a_matter",
            ),
            models.CheckConstraint(
                condition=Q(severity=None) | Q(severity__in=Severity.values), name="playbook_severity_known"
            ),
        ]


class PlaybookVersion(Versioned):
    """A version: a draft that is edited, then published and never changed; a case keeps the one it began with."""

    playbook = models.ForeignKey(Playbook, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("playbook", "-number")
        constraints = [
            models.UniqueConstraint(fields=("playbook", "number"), name="playbook_version_once"),
            models.UniqueConstraint(fields=("playbook",), condition=Q(published_at=None), name="playbook_one_draft"),
        ]

    def __str__(self) -> str:
        return f"{self.playbook_id} v{self.number}"


class PlaybookStep(models.Model):
    """A step of a version. `answers`: what its question can be answered with, each with key, text and text_zh; empty
    where it asks nothing. `only_if_step` and `only_if_answer`: the earlier step and the answer that ask for this one."""

    version = models.ForeignKey(PlaybookVersion, on_delete=models.CASCADE, related_name="steps")
    key = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(_("step"), max_length=200)
    title_zh = models.CharField(_("step in Chinese"), max_length=200, blank=True, default="")
    guidance = models.TextField(_("guidance"), max_length=4000, blank=True, default="")
    guidance_zh = models.TextField(_("guidance in Chinese"), max_length=4000, blank=True, default="")
    required = models.BooleanField(_("required"), default=True)
    evidence = models.CharField(_("evidence"), max_length=4, choices=Evidence, default=Evidence.NONE)
    answers = models.JSONField(default=list, blank=True)
    only_if_step = models.SlugField(max_length=40, blank=True, default="")
    only_if_answer = models.SlugField(max_length=40, blank=True, default="")

    class Meta:
        ordering = ("version", "position", "id")
        constraints = [
            models.UniqueConstraint(fields=("version", "key"), name="playbook_step_once"),
            models.CheckConstraint(condition=Q(evidence__in=Evidence.values), name="playbook_evidence_known"),
            models.CheckConstraint(
                condition=Q(only_if_step="", only_if_answer="") | (~Q(only_if_step="") & ~Q(only_if_answer="")),
                name="playbook_branch_whole",
            ),
            models.CheckConstraint(condition=~Q(only_if_step=F("key")), name="playbook_branch_not_itself"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The step in the reader's language."""
        return in_language(self.title, self.title_zh)

    @property
    def help_text(self) -> str:
        """The guidance in the reader's language."""
        return in_language(self.guidance, self.guidance_zh)


class CasePlaybook(models.Model):
    """From when on a case follows a version; the newest row counts, without a version it follows none. Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="playbooks", db_index=False)
    number = models.PositiveSmallIntegerField()
    version = models.ForeignKey(PlaybookVersion, on_delete=models.PROTECT, null=True, related_name="+")
    cycle = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=("case", "number"), name="case_playbook_once")]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.number}"


class StepEvent(models.Model):
    """Something said of a step on a case; the newest by number counts. Words, people and instants stand in its entry;
    files hang on it. Append-only: two who tick at once cannot both have the same number."""

    followed = models.ForeignKey(CasePlaybook, on_delete=models.PROTECT, related_name="events", db_index=False)
    step = models.ForeignKey(PlaybookStep, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=7, choices=StepWhat)
    answer = models.SlugField(max_length=40, blank=True, default="", db_index=False)
    entry = models.OneToOneField(TimelineEntry, on_delete=models.PROTECT, related_name="step_event")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("followed", "step", "number"), name="step_event_in_turn"),
            models.CheckConstraint(condition=Q(what__in=StepWhat.values), name="step_event_known"),
            models.CheckConstraint(condition=Q(answer="") | Q(what=StepWhat.DONE), name="step_event_answers_when_done"),
            models.CheckConstraint(condition=Q(number__gte=1), name="step_event_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.step_id}"
