"""Report jobs and the packs they make: frozen numbers, comments on exceptions, two acknowledgements, files."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.naming import Named, Versioned

from ..choices import FileState, Format, PackState, Rhythm, Scope, Side

_PLACE = (
    Q(scope=Scope.SITE, site__isnull=False, partner=None)
    | Q(scope=Scope.PARTNER, site=None, partner__isnull=False)
    | Q(scope=Scope.NETWORK, site=None, partner=None)
)


class ReviewKind(Named):
    """A kind of review, such as the weekly pack: how long its period is, and which sections it has in which order."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    rhythm = models.CharField(_("period"), max_length=7, choices=Rhythm)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.CheckConstraint(condition=Q(rhythm__in=Rhythm.values), name="review_kind_rhythm_known"),)


class Section(models.Model):
    """A section of a kind of review: a registered builder by its code, with its options. A pack keeps those it was made with."""

    kind = models.ForeignKey(ReviewKind, models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=40)
    options = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("kind", "position")
        constraints = (
            models.UniqueConstraint(fields=("kind", "position"), name="section_position_once"),
            models.UniqueConstraint(fields=("kind", "code"), name="section_once"),
        )

    def __str__(self) -> str:
        return self.code


class ReportJob(Versioned):
    """When packs of a kind are made by themselves. `next_at` (UTC) is when the pack of the period from `next_period` on is due.

    Weekly: on `weekday` (0 Monday) of the week after the period; else `days_after` days after its end; at `at`, in `time_zone`.
    """

    kind = models.ForeignKey(ReviewKind, models.PROTECT, related_name="jobs")
    scope = models.CharField(_("about"), max_length=7, choices=Scope)
    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey("partners.Partner", models.PROTECT, null=True, blank=True, related_name="+")
    weekday = models.PositiveSmallIntegerField(_("weekday"), default=0)
    days_after = models.PositiveSmallIntegerField(_("days after the end"), default=1)
    at = models.TimeField(_("at"))
    time_zone = models.CharField(_("time zone"), max_length=64)
    formats = ArrayField(models.CharField(max_length=4, choices=Format), verbose_name=_("formats"))
    language = models.CharField(_("language"), max_length=10)
    next_period = models.DateField()
    next_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("kind", "scope", "id")
        indexes = (
            models.Index(fields=("next_at",), condition=Q(paused_at=None, archived_at=None), name="report_job_due"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "scope", "site", "partner"), condition=Q(archived_at=None), nulls_distinct=False,
                name="report_job_once",
            ),
            models.CheckConstraint(condition=_PLACE, name="report_job_place"),
            models.CheckConstraint(condition=Q(weekday__lte=6, days_after__lte=60), name="report_job_day"),
            models.CheckConstraint(condition=Q(formats__contained_by=Format.values), name="report_job_formats_known"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind_id} {self.scope} {self.site_id or self.partner_id or ''}"


class Subscription(models.Model):
    """Somebody who is sent a job's packs as they are published, if they may see them then."""

    job = models.ForeignKey(ReportJob, models.CASCADE, related_name="subscriptions")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "user"), name="subscription_once"),)

    def __str__(self) -> str:
        return f"{self.job_id} {self.user_id}"


class Pack(Versioned):
    """A review of a period: waiting for its numbers, then a draft, then published for good.

    `data` are the frozen sections (see `blocks`); `missing` what could not be said, as codes with parameters. `content_hash`: SHA-256 of data,
    comments and acknowledgements, from publication on. A correction is the next `revision`. A worker that makes it holds it by a lock of its
    session (`actions.holding`), `attempts` counts how often one began, and `error` says why the last one failed; `leased_until` is not used.
    """

    kind = models.ForeignKey(ReviewKind, models.PROTECT, related_name="packs")
    job = models.ForeignKey(ReportJob, models.PROTECT, null=True, blank=True, related_name="packs")
    scope = models.CharField(max_length=7, choices=Scope)
    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey("partners.Partner", models.PROTECT, null=True, blank=True, related_name="+")
    first_day = models.DateField()
    last_day = models.DateField()
    revision = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=400, blank=True, default="")
    state = models.CharField(max_length=9, choices=PackState, default=PackState.WAITING)
    language = models.CharField(max_length=10)
    formats = ArrayField(models.CharField(max_length=4, choices=Format), default=list)
    data = models.JSONField(null=True, blank=True)
    missing = models.JSONField(default=list)
    frozen_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    content_hash = models.CharField(max_length=64, blank=True, default="")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    published_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-first_day", "-id")
        indexes = (
            models.Index(fields=("site", "-first_day"), name="pack_site"),
            models.Index(fields=("-first_day", "-id"), name="pack_newest"),
            models.Index(fields=("created_at",), condition=Q(state=PackState.WAITING), name="pack_waiting"),
            models.Index(fields=("content_hash",), condition=~Q(content_hash=""), name="pack_hash"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "scope", "site", "partner", "first_day", "revision"), nulls_distinct=False, name="pack_once"
            ),
            models.CheckConstraint(condition=_PLACE, name="pack_place"),
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day"), revision__gte=1), name="pack_days"),
            models.CheckConstraint(
                condition=Q(state=PackState.WAITING, data__isnull=True, frozen_at=None)
                | (Q(state__in=[PackState.DRAFT, PackState.PUBLISHED]) & Q(data__isnull=False, frozen_at__isnull=False)),
                name="pack_frozen",
            ),
            models.CheckConstraint(
                condition=Q(state=PackState.PUBLISHED, published_at__isnull=False, published_by__isnull=False, content_hash__regex="^[0-9a-f]{64}$")
                | (~Q(state=PackState.PUBLISHED) & Q(published_at=None, published_by=None, published_for=None, content_hash="")),
                name="pack_published",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind_id} {self.scope} {self.first_day} r{self.revision}"


class Line(models.Model):
    """A line of a frozen pack that can be commented on; one that needs it is an exception: red, or a signal of its control chart."""

    pack = models.ForeignKey(Pack, models.CASCADE, related_name="lines")
    section = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, related_name="+")
    kpi = models.ForeignKey("kpis.Kpi", models.PROTECT, null=True, related_name="+")
    needs_comment = models.BooleanField(default=False)

    class Meta:
        ordering = ("pack", "id")
        constraints = (models.UniqueConstraint(fields=("pack", "section", "key"), name="pack_line_once"),)

    def __str__(self) -> str:
        return f"{self.section} {self.key}"


class Comment(models.Model):
    """What somebody wrote to a draft, of a line or of all of it (no line). Append-only; a later one adds to it."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="comments")
    line = models.ForeignKey(Line, models.PROTECT, null=True, blank=True, related_name="comments")
    text = models.TextField(_("comment"), max_length=4000)
    side = models.CharField(max_length=7, choices=Side)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    for_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (models.CheckConstraint(condition=~Q(text=""), name="pack_comment_not_empty"),)

    def __str__(self) -> str:
        return str(self.pk)


class Acknowledgement(models.Model):
    """A side has read the draft as it stood: `content_hash` of data and comments then. Another comment makes it void. Append-only."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="acknowledgements")
    side = models.CharField(max_length=7, choices=Side)
    content_hash = models.CharField(max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    for_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("at", "id")
        constraints = (
            models.UniqueConstraint(fields=("pack", "side", "content_hash"), name="acknowledgement_once"),
            models.CheckConstraint(condition=Q(content_hash__regex="^[0-9a-f]{64}$"), name="acknowledgement_hash"),
        )

    def __str__(self) -> str:
        return f"{self.pack_id} {self.side}"


class PackFile(models.Model):
    """A pack in a format and language; `final` of what was published, else of the draft whose hash it names. Made by a worker."""

    pack = models.ForeignKey(Pack, models.PROTECT, related_name="files")
    format = models.CharField(max_length=4, choices=Format)
    language = models.CharField(max_length=10)
    final = models.BooleanField(default=False)
    of_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=7, choices=FileState, default=FileState.WAITING)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+")
    leased_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pack", "format", "language")
        indexes = (
            models.Index(fields=("created_at", "id"), condition=Q(state=FileState.WAITING), name="pack_file_waiting"),
        )
        constraints = (
            models.UniqueConstraint(fields=("pack", "format", "language", "of_hash", "final"), name="pack_file_once"),
            models.CheckConstraint(
                condition=Q(state=FileState.READY, file__isnull=False, made_at__isnull=False)
                | (~Q(state=FileState.READY) & Q(file=None, made_at=None)),
                name="pack_file_ready",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pack_id} {self.format} {self.language}"
