"""What people add to figures: annotations, saved views, mailings; and the signals that were told of."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..choices import Grain, NoteKind, SignalKind


class Annotation(models.Model):
    """A remark drawn on charts over the days from `first_day` to `last_day`, both included. No site: everywhere; no KPI: all."""

    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, blank=True, related_name="+")
    queue = models.ForeignKey("partners.Queue", models.PROTECT, null=True, blank=True, related_name="+")
    kpi = models.ForeignKey("Kpi", models.PROTECT, null=True, blank=True, related_name="+")
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"))
    kind = models.CharField(_("kind"), max_length=8, choices=NoteKind)
    text = models.CharField(_("text"), max_length=120)
    text_zh = models.CharField(_("text in Chinese"), max_length=120, blank=True, default="")
    rebases = models.BooleanField(_("the process changed: count control limits anew from here"), default=False)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("first_day", "id")
        indexes = (models.Index(fields=("site", "first_day"), condition=Q(withdrawn_at=None), name="annotation_site"),)
        constraints = (models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="annotation_days"),)

    def __str__(self) -> str:
        return self.text


class SavedView(models.Model):
    """An address of this wing with all that is chosen in it, under a name."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    path = models.CharField(max_length=200)
    query = models.CharField(max_length=1000, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.UniqueConstraint(fields=("user", "name"), name="saved_view_name_once"),)

    def __str__(self) -> str:
        return self.name


class Mailing(models.Model):
    """A saved view mailed as a PDF on a weekday or a day of the month, at a local time. `next_at`: when it is due."""

    view = models.OneToOneField(SavedView, models.CASCADE, related_name="mailing")
    every = models.CharField(_("every"), max_length=7, choices=Grain)
    weekday = models.PositiveSmallIntegerField(_("weekday"), default=0)
    # 1 to 28, or 31 for the month's last day.
    monthday = models.PositiveSmallIntegerField(_("day of the month"), default=1, db_default=1)
    at = models.TimeField(_("at"))
    time_zone = models.CharField(max_length=64)
    next_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(every__in=[Grain.DAY, Grain.WEEK, Grain.MONTH]), name="mailing_every"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="mailing_weekday"),
            models.CheckConstraint(condition=Q(monthday__range=(1, 28)) | Q(monthday=31), name="mailing_monthday"),
        )

    def __str__(self) -> str:
        return f"{self.view_id} {self.every}"


class Follow(models.Model):
    """Somebody who wants to hear of signals: of a site or all they see, of a KPI or all."""

    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    site = models.ForeignKey("partners.Site", models.PROTECT, null=True, blank=True, related_name="+")
    kpi = models.ForeignKey("Kpi", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("user", "site", "kpi"), nulls_distinct=False, name="follow_once"),
        )

    def __str__(self) -> str:
        return f"{self.user_id} {self.site_id} {self.kpi_id}"


class AlertEvent(models.Model):
    """A signal that was told of, once. `period`: first day of the week or month in which it appeared. Append-only."""

    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    kpi = models.ForeignKey("Kpi", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=SignalKind)
    grain = models.CharField(max_length=7, choices=Grain)
    period = models.DateField()
    value = models.DecimalField(max_digits=18, decimal_places=6)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("site", "kpi", "kind", "grain", "period"), name="alert_once"),
            models.CheckConstraint(condition=Q(kind__in=SignalKind.values), name="alert_kind_known"),
        )

    def __str__(self) -> str:
        return f"{self.site_id} {self.kpi_id} {self.kind} {self.period}"


class SignalDue(models.Model):
    """Daily sums or figures of a site have changed since anybody looked for signals there. Written by the database itself."""

    site = models.ForeignKey("partners.Site", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.site_id)
