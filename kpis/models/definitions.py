"""What a KPI is: a formula over components, versioned and in force from a day on."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portal.naming import Named

from ..choices import Direction, Interval, RollUp, Unit
from ..rules.windows import months_of


class Component(Named):
    """A component beyond the built-in ones, kept as daily figures. `stock`: read last over time, not summed."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    unit = models.CharField(_("unit"), max_length=8, choices=Unit, default=Unit.NUMBER)
    stock = models.BooleanField(_("a stock: the last value counts"), default=False)

    class Meta:
        ordering = ("name", "id")


class Kpi(Named):
    """A figure with a name that stays, whatever its formula. `position`: its place in lists."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    unit = models.CharField(_("unit"), max_length=8, choices=Unit)
    direction = models.CharField(_("better"), max_length=4, choices=Direction)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=1)
    position = models.PositiveSmallIntegerField(_("place in lists"), default=100)

    class Meta:
        ordering = ("position", "name", "id")
        constraints = (
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="kpi_unit_known"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="kpi_direction_known"),
            models.CheckConstraint(condition=Q(decimals__lte=4), name="kpi_decimals_few"),
        )


class KpiVersion(models.Model):
    """The formula in force over a period of days (the last one excluded, open if null). Never changed once a day of it has passed.

    `numerator`, `denominator`: component -> factor as a decimal string, e.g. {"paid": "1", "productive": "-1"}; an empty denominator
    means that the numerator is the figure. The value is scale x numerator / denominator. `sample`: the component that counts n.
    `parameters`: what the components were measured with, e.g. {"variant": "f4", "threshold_seconds": 20}; shown, not computed with, but for
    "window" ("12 months": the figure of any period is that of the 12 months up to its end) and "window_days" (7: so many days after a
    period its figure may still change).
    """

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    period = DateRangeField(_("in force"))
    numerator = models.JSONField(_("numerator"))
    denominator = models.JSONField(_("denominator"), default=dict, blank=True)
    scale = models.DecimalField(_("scale"), max_digits=12, decimal_places=4, default=1)
    roll_up = models.CharField(_("over time"), max_length=5, choices=RollUp, default=RollUp.RATIO)
    interval = models.CharField(_("interval"), max_length=14, choices=Interval, default=Interval.NONE)
    sample = models.CharField(_("n"), max_length=40, blank=True, default="")
    minimum_n = models.PositiveIntegerField(_("smallest n to show"), default=0)
    parameters = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason for the change"), max_length=200, blank=True, default="")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("kpi", "number")
        constraints = (
            models.UniqueConstraint(fields=("kpi", "number"), name="kpi_version_number_unique"),
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__startswith__isnull=False), name="kpi_version_bounded"
            ),
            models.CheckConstraint(condition=~Q(numerator={}), name="kpi_version_has_numerator"),
            models.CheckConstraint(condition=~Q(scale=0), name="kpi_version_scale"),
            models.CheckConstraint(condition=Q(roll_up__in=RollUp.values), name="kpi_version_roll_up_known"),
            models.CheckConstraint(condition=Q(interval__in=Interval.values), name="kpi_version_interval_known"),
            models.CheckConstraint(
                condition=~Q(parameters__has_key="window")
                | (~Q(parameters__window=None) & Q(parameters__window__regex=r"^([1-9]|1[0-9]|2[0-4]) months$")),
                name="kpi_version_window",
            ),
            ExclusionConstraint(
                name="kpi_version_overlap",
                expressions=((F("kpi"), RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kpi_id} v{self.number}"

    @property
    def window_months(self) -> int:
        """The months that it rolls over, 0 for none."""
        return months_of(self.parameters)
