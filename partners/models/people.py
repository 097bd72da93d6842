"""Person, engagement, placement and external id."""

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Concat, Lower, Upper
from django.utils.translation import gettext_lazy as _

from portal.naming import Versioned

from ..choices import Language, PlacementKind
from .organisation import JobRole, Partner, Programme, Site, Team

LIVE = Q(cancelled_at__isnull=True)


def bounded(name: str) -> models.CheckConstraint:
    """A period has a first day and lasts a day or more; no last day means that it is open."""
    return models.CheckConstraint(condition=Q(period__isempty=False) & Q(period__startswith__isnull=False), name=name)


class NonAsciiCharacters(Func):
    """The characters beyond ASCII as an array: a two-character Chinese name has no trigram to be found by."""

    function = "regexp_split_to_array"
    template = "%(function)s(regexp_replace(%(expressions)s, '[\\x01-\\x7f]', '', 'g'), '')"
    output_field = ArrayField(models.TextField())


def searched() -> Lower:
    """What a person is looked up by."""
    return Lower(Concat("name", Value(" "), "preferred_name", Value(" "), "email", output_field=models.TextField()))


class Person(Versioned):
    """Somebody who works for a partner, or has: a rehire is the same person."""

    name = models.CharField(_("name"), max_length=120)
    preferred_name = models.CharField(_("preferred name"), max_length=120, blank=True, default="")
    email = models.EmailField(_("email"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, choices=Language, default=Language.ENGLISH)
    search_text = models.GeneratedField(expression=searched(), output_field=models.TextField(), db_persist=True)
    search_characters = models.GeneratedField(
        expression=NonAsciiCharacters(searched()), output_field=ArrayField(models.TextField()), db_persist=True
    )

    class Meta:
        ordering = ("name", "id")
        indexes = (
            models.Index(fields=("name", "id"), name="person_name"),
            GinIndex(fields=("search_text",), opclasses=("gin_trgm_ops",), name="person_search"),
            GinIndex(fields=("search_characters",), name="person_search_characters"),
        )
        constraints = (models.UniqueConstraint(Lower("email"), condition=~Q(email=""), name="person_email_unique"),)

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name to address somebody by."""
        return self.preferred_name or self.name


class Dated(Versioned):
    """A row that holds for a period of days; the range excludes the day after the last."""

    period = DateRangeField(_("period"))

    class Meta:
        abstract = True

    @property
    def first_day(self) -> date:
        """The first day, included."""
        lower: date = self.period.lower
        return lower

    @property
    def last_day(self) -> date | None:
        """The last day, included; None while the period is open."""
        return self.period.upper - timedelta(days=1) if self.period.upper else None


class Engagement(Dated):
    """Somebody's employment by a partner over a period of days, the last one excluded in the range."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="engagements")
    employer = models.ForeignKey(Partner, models.PROTECT, related_name="engagements", verbose_name=_("employer"))
    employee_number = models.CharField(_("employee number"), max_length=40, blank=True, default="")
    access_ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-period", "id")
        indexes = (
            models.Index(Upper("employee_number"), name="engagement_number"),
            models.Index(
                fields=("person",),
                condition=Q(access_ended_at__isnull=True) & Q(period__upper_inf=False),
                name="engagement_access_open",
            ),
        )
        constraints = (
            bounded("engagement_period_bounded"),
            ExclusionConstraint(
                name="engagement_overlap",
                expressions=(("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)),
            ),
            ExclusionConstraint(
                name="engagement_number_overlap",
                expressions=(
                    ("employer", RangeOperators.EQUAL),
                    (Lower("employee_number"), RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ),
                condition=~Q(employee_number=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.period}"


class Placement(Dated):
    """Where somebody works over a period of days, in which role, and under whom."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="placements")
    site = models.ForeignKey(Site, models.PROTECT, related_name="placements", verbose_name=_("site"))
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="placements", verbose_name=_("programme")
    )
    team = models.ForeignKey(
        Team, models.PROTECT, null=True, blank=True, related_name="placements", verbose_name=_("team")
    )
    job_role = models.ForeignKey(JobRole, models.PROTECT, related_name="placements", verbose_name=_("job role"))
    lead = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="led_placements", verbose_name=_("lead")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=PlacementKind, default=PlacementKind.PRIMARY)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-period", "id")
        indexes = (
            GistIndex(fields=("site", "period"), condition=LIVE, name="placement_site_period"),
            models.Index(fields=("lead",), condition=LIVE, name="placement_lead_live"),
        )
        constraints = (
            bounded("placement_period_bounded"),
            models.CheckConstraint(condition=~Q(lead=F("person")) | Q(lead__isnull=True), name="placement_own_lead"),
            models.CheckConstraint(
                condition=Q(team__isnull=True) | Q(programme__isnull=False), name="placement_team_needs_programme"
            ),
            models.CheckConstraint(condition=Q(kind__in=PlacementKind.values), name="placement_kind_known"),
            ExclusionConstraint(
                name="placement_primary_overlap",
                expressions=(("person", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)),
                condition=Q(kind=PlacementKind.PRIMARY) & LIVE,
            ),
            ExclusionConstraint(
                name="placement_loan_overlap",
                expressions=(
                    ("person", RangeOperators.EQUAL),
                    ("site", RangeOperators.EQUAL),
                    (Coalesce("programme_id", 0), RangeOperators.EQUAL),
                    (Coalesce("team_id", 0), RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ),
                condition=Q(kind=PlacementKind.LOAN) & LIVE,
            ),
        )

    def __str__(self) -> str:
        return f"{self.person_id} {self.period}"


class ExternalId(models.Model):
    """How another system (HR, telephony, identity provider) calls a person; unique per source."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="external_ids")
    source = models.SlugField(_("source"), max_length=40)
    value = models.CharField(_("value"), max_length=120)

    class Meta:
        ordering = ("source", "value")
        constraints = (
            models.UniqueConstraint(fields=("source", "value"), name="external_id_unique"),
            models.CheckConstraint(condition=~Q(value=""), name="external_id_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.source}:{self.value}"
