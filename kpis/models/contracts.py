"""Contracts: which sites, what counts how much in which period, and what a score is worth."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.naming import Named

from ..choices import Direction, Shortage


class Contract(Named):
    """An agreement with a partner. `shows_band`: its leads see other sites as an anonymous band."""

    partner = models.ForeignKey("partners.Partner", models.PROTECT, related_name="+", verbose_name=_("partner"))
    code = models.SlugField(_("code"), max_length=40, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    shows_band = models.BooleanField(_("leads see where they stand among all sites, without names"), default=False)

    class Meta:
        ordering = ("name", "id")
        constraints = (models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="contract_currency"),)


class SiteCover(models.Model):
    """A site under a contract over a period of days; one contract at a time."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="covers")
    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    period = DateRangeField(_("period"))

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__startswith__isnull=False), name="site_cover_bounded"
            ),
            ExclusionConstraint(
                name="site_cover_overlap",
                expressions=(("site", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.site_id} {self.period}"


class Schedule(models.Model):
    """A version of a contract's scorecard, in force over a period of days; months are judged by the version of their first day.

    `bonus_cap`, `malus_cap`: the most that a statement moves, in percent of the invoice. `earn_back_months`: within so many months
    after a malus, a month at `earn_back_score` or better gives it back; 0 = never.
    """

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="schedules")
    number = models.PositiveIntegerField()
    period = DateRangeField(_("in force"))
    score_cap = models.DecimalField(_("highest score of a line"), max_digits=5, decimal_places=1, default=120)
    bonus_cap = models.DecimalField(_("bonus cap (percent of the invoice)"), max_digits=5, decimal_places=2, default=0)
    malus_cap = models.DecimalField(_("malus cap (percent of the invoice)"), max_digits=5, decimal_places=2, default=0)
    earn_back_months = models.PositiveSmallIntegerField(_("months to earn a malus back"), default=0)
    earn_back_score = models.DecimalField(
        _("score that earns it back"), max_digits=5, decimal_places=1, null=True, blank=True
    )
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("contract", "number")
        constraints = (
            models.UniqueConstraint(fields=("contract", "number"), name="schedule_number_unique"),
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__startswith__isnull=False), name="schedule_bounded"
            ),
            models.CheckConstraint(
                condition=Q(
                    score_cap__gte=100, bonus_cap__gte=0, bonus_cap__lte=100, malus_cap__gte=0, malus_cap__lte=100
                ),
                name="schedule_caps",
            ),
            models.CheckConstraint(
                condition=Q(earn_back_months=0) | Q(earn_back_score__isnull=False), name="schedule_earn_back"
            ),
            ExclusionConstraint(
                name="schedule_overlap",
                expressions=(("contract", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.contract_id} v{self.number}"


class Line(models.Model):
    """One KPI of a schedule. Values are in the KPI's own unit (a percent as a ratio).

    Up and down: a score of 0 at `red`, 100 at `target`, `score_cap` at `stretch`. Band: 100 from `target` to `target_high`, 0 at `red` below and
    `red_high` above. `version` null: the formula in force on the day. A gate missed caps the total at `gate_cap`.
    """

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField(default=1)
    kpi = models.ForeignKey("Kpi", models.PROTECT, related_name="+")
    version = models.ForeignKey("KpiVersion", models.PROTECT, null=True, blank=True, related_name="+")
    weight = models.DecimalField(
        _("weight in %"), max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    direction = models.CharField(_("better"), max_length=4, choices=Direction)
    red = models.DecimalField(_("red"), max_digits=12, decimal_places=4)
    target = models.DecimalField(_("target"), max_digits=12, decimal_places=4)
    stretch = models.DecimalField(_("stretch"), max_digits=12, decimal_places=4, null=True, blank=True)
    target_high = models.DecimalField(_("target, upper end"), max_digits=12, decimal_places=4, null=True, blank=True)
    red_high = models.DecimalField(_("red, upper end"), max_digits=12, decimal_places=4, null=True, blank=True)
    minimum_n = models.PositiveIntegerField(_("smallest sample"), default=0)
    shortage = models.CharField(
        _("below it, the weight is"), max_length=12, choices=Shortage, default=Shortage.REDISTRIBUTE
    )
    gate_cap = models.DecimalField(
        _("gate: if red, the total is at most"), max_digits=5, decimal_places=1, null=True, blank=True
    )

    class Meta:
        ordering = ("schedule", "position", "id")
        constraints = (
            models.UniqueConstraint(fields=("schedule", "kpi"), name="line_kpi_once"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=100), name="line_weight"),
            models.CheckConstraint(condition=Q(shortage__in=Shortage.values), name="line_shortage_known"),
            models.CheckConstraint(
                condition=(
                    Q(direction=Direction.UP, red__lt=models.F("target"), target_high=None, red_high=None)
                    & (Q(stretch=None) | Q(stretch__gt=models.F("target")))
                )
                | (
                    Q(direction=Direction.DOWN, red__gt=models.F("target"), target_high=None, red_high=None)
                    & (Q(stretch=None) | Q(stretch__lt=models.F("target")))
                )
                | Q(
                    direction=Direction.BAND, red__lt=models.F("target"), stretch=None,
                    target_high__gte=models.F("target"), red_high__gt=models.F("target_high"),
                ),
                name="line_thresholds_in_order",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.schedule_id} {self.kpi_id}"


class Band(models.Model):
    """From this score on, so many percent of the invoice: more than 0 is a bonus, less a malus. The highest band reached counts."""

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="bands")
    from_score = models.DecimalField(_("from score"), max_digits=5, decimal_places=1)
    percent = models.DecimalField(_("Percent of the invoice"), max_digits=5, decimal_places=2)

    class Meta:
        ordering = ("schedule", "from_score")
        constraints = (
            models.UniqueConstraint(fields=("schedule", "from_score"), name="band_score_once"),
            models.CheckConstraint(
                condition=Q(from_score__gte=0, percent__gte=-100, percent__lte=100), name="band_in_range"
            ),
        )

    def __str__(self) -> str:
        return f"{self.from_score}: {self.percent}"


class Invoice(models.Model):
    """What a site's month costs, in the contract's currency or another. `month` is its first day."""

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="invoices")
    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    month = models.DateField(_("month"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("site", "month"), name="invoice_once"),
            models.CheckConstraint(condition=Q(amount__gte=0, month__day=1), name="invoice_month"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="invoice_currency"),
        )

    def __str__(self) -> str:
        return f"{self.site_id} {self.month}"
