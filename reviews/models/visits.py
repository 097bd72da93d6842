"""Checklists and what visits answered, observations, findings, practices that are shared."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.naming import Named, Versioned, in_language

from ..choices import Adoption, FindingKind, QuestionKind


class Checklist(Named):
    """A template of a visit. What is asked stands in its versions."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        ordering = ("name", "id")


class ChecklistVersion(Versioned):
    """A version: a draft that is edited, then in use and never changed; a visit keeps the one it began with."""

    checklist = models.ForeignKey(Checklist, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("checklist", "-number")
        constraints = (
            models.UniqueConstraint(fields=("checklist", "number"), name="checklist_version_once"),
            models.UniqueConstraint(fields=("checklist",), condition=Q(released_at=None), name="checklist_one_draft"),
        )

    def __str__(self) -> str:
        return f"{self.checklist_id} v{self.number}"


class Bilingual(models.Model):
    """A text of a checklist in one or two languages. `code` stays the same from version to version, so that visits compare."""

    code = models.SlugField(_("code"), max_length=40)
    text = models.CharField(_("text"), max_length=300)
    text_zh = models.CharField(_("text in Chinese"), max_length=300, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The text in the reader's language; English where there is no Chinese."""
        return in_language(self.text, self.text_zh)


class ChecklistSection(Bilingual):
    """A part of a checklist with a score of its own."""

    version = models.ForeignKey(ChecklistVersion, models.CASCADE, related_name="sections")

    class Meta:
        ordering = ("version", "position", "id")
        constraints = (models.UniqueConstraint(fields=("version", "code"), name="checklist_section_once"),)


class Question(Bilingual):
    """A question. `most`: the highest score (yes counts as all of it); `weight` 0 does not count."""

    section = models.ForeignKey(ChecklistSection, models.CASCADE, related_name="questions")
    kind = models.CharField(_("answer"), max_length=6, choices=QuestionKind)
    most = models.PositiveSmallIntegerField(_("highest score"), default=1)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=1)
    wants_photo = models.BooleanField(_("asks for a photo"), default=False)

    class Meta:
        ordering = ("section", "position", "id")
        constraints = (
            models.UniqueConstraint(fields=("section", "code"), name="question_once"),
            models.CheckConstraint(condition=Q(weight__gte=0, most__gte=1, most__lte=100), name="question_scale"),
            models.CheckConstraint(condition=~Q(kind=QuestionKind.TEXT) | Q(weight=0), name="question_text_no_weight"),
        )


class Visit(models.Model):
    """The checklist of a site visit, and how far it is. Sent in: its answers change no more."""

    engagement = models.OneToOneField("Engagement", models.PROTECT, related_name="visit")
    checklist_version = models.ForeignKey(ChecklistVersion, models.PROTECT, related_name="visits")
    begun_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return str(self.engagement_id)


class Answer(Versioned):
    """The answer to a question as it stands; `score` is null until given, and with `not_applicable`."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField(max_length=4000, blank=True, default="")
    note = models.TextField(max_length=4000, blank=True, default="")
    not_applicable = models.BooleanField(default=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("visit", "question"), name="answer_once"),
            models.CheckConstraint(condition=Q(not_applicable=False) | Q(score=None), name="answer_applies_or_not"),
        )

    def __str__(self) -> str:
        return f"{self.visit_id} {self.question_id}"


class AnswerChange(models.Model):
    """A change that a browser made, perhaps hours before it came through. `key` is the browser's own: it counts once. Append-only."""

    key = models.UUIDField(primary_key=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="changes")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    base = models.PositiveIntegerField()
    values = models.JSONField()
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    taken = models.BooleanField(default=True)

    class Meta:
        ordering = ("received_at", "key")

    def __str__(self) -> str:
        return str(self.key)


class Photo(models.Model):
    """A picture of an answer. `key` is the browser's own, so that one sent twice is there once."""

    key = models.UUIDField(primary_key=True)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    file = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at", "key")

    def __str__(self) -> str:
        return str(self.key)


class Theme(Named):
    """What observations are sorted by."""

    code = models.SlugField(_("code"), max_length=40, unique=True)

    class Meta:
        ordering = ("name", "id")


class Observation(models.Model):
    """Something heard or seen in a call shadowing or at a round table, with a quote."""

    engagement = models.ForeignKey("Engagement", models.PROTECT, related_name="observations")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="+")
    text = models.TextField(_("what was observed"), max_length=4000)
    quote = models.TextField(_("quote"), max_length=1000, blank=True, default="")
    contact_ref = models.CharField(_("contact"), max_length=80, blank=True, default="")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("at", "id")

    def __str__(self) -> str:
        return str(self.pk)


class Finding(Versioned):
    """What came of an answer, an observation or a meeting, at a site. A best practice is shared with other sites."""

    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=9, choices=FindingKind, default=FindingKind.FINDING)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("what was found"), max_length=4000, blank=True, default="")
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="+")
    engagement = models.ForeignKey("Engagement", models.PROTECT, null=True, blank=True, related_name="findings")
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, blank=True, related_name="findings")
    observation = models.ForeignKey(Observation, models.PROTECT, null=True, blank=True, related_name="findings")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("site", "-at"), name="finding_site"),)
        constraints = (models.CheckConstraint(condition=Q(kind__in=FindingKind.values), name="finding_kind_known"),)

    def __str__(self) -> str:
        return self.title


class Sharing(Versioned):
    """A best practice offered to another site, what it answers, and what came of it."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="sharings")
    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    shared_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    shared_at = models.DateTimeField(default=timezone.now)
    adoption = models.CharField(_("answer"), max_length=10, choices=Adoption, blank=True, default="")
    why = models.TextField(_("why, or how"), max_length=2000, blank=True, default="")
    result = models.TextField(_("result"), max_length=2000, blank=True, default="")
    answered_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-shared_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("finding", "site"), name="sharing_once"),
            models.CheckConstraint(
                condition=Q(adoption="", answered_at=None, answered_by=None)
                | (Q(adoption__in=Adoption.values) & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="sharing_answered",
            ),
        )

    def __str__(self) -> str:
        return f"{self.finding_id} {self.site_id}"
