"""What a month came to: frozen, never changed; what was disputed; and the statement that both sides sign."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ..choices import ExclusionReason, ExclusionState, Rag, Side, StatementState


class Exclusion(models.Model):
    """A time range that should not count for a site (or one queue of it), once both sides agree.

    Who proposes has agreed for their side; the other side decides. The two are never the same user or person: a CHECK and a trigger
    refuse it. `period` is in UTC. Evidence are files.
    """

    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    queue = models.ForeignKey("partners.Queue", models.PROTECT, null=True, blank=True, related_name="+")
    period = DateTimeRangeField(_("time range"))
    reason = models.CharField(_("reason"), max_length=16, choices=ExclusionReason)
    note = models.TextField(_("what happened"), max_length=4000)
    state = models.CharField(max_length=10, choices=ExclusionState, default=ExclusionState.PROPOSED)
    proposed_side = models.CharField(max_length=8, choices=Side)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(max_length=4000, blank=True, default="")
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("-proposed_at", "-id")
        indexes = (models.Index(fields=("site", "state"), name="exclusion_site_state"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__lower_inf=False) & Q(period__upper_inf=False),
                name="exclusion_bounded",
            ),
            models.CheckConstraint(condition=Q(state__in=ExclusionState.values), name="exclusion_state_known"),
            models.CheckConstraint(condition=Q(proposed_side__in=Side.values), name="exclusion_side_known"),
            models.CheckConstraint(
                condition=Q(state=ExclusionState.PROPOSED, decided_at=None, decided_by=None)
                | (~Q(state=ExclusionState.PROPOSED) & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="exclusion_decided",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ExclusionState.PROPOSED, ExclusionState.WITHDRAWN])
                | (
                    ~Q(decided_by=F("proposed_by"))
                    & (Q(proposed_for=None) | ~Q(decided_by=F("proposed_for")))
                    & (Q(decided_for=None) | ~Q(decided_for=F("proposed_by")))
                    & (Q(decided_for=None) | Q(proposed_for=None) | ~Q(decided_for=F("proposed_for")))
                ),
                name="exclusion_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.site_id} {self.period}"

    @property
    def first_day(self) -> date:
        """The day on which it begins, as the site has it. Reads the site."""
        begins: datetime = self.period.lower
        return begins.astimezone(ZoneInfo(self.site.time_zone)).date()


class Result(models.Model):
    """A site's month under a schedule, frozen. Another computation is another revision. Append-only.

    `score` null: no line could be scored. `percent` of the invoice after caps, more than 0 a bonus. `inputs`: exclusions, carried scores,
    formula versions, freshness: what the figures were made from.
    """

    schedule = models.ForeignKey("Schedule", models.PROTECT, related_name="results")
    site = models.ForeignKey("partners.Site", models.PROTECT, related_name="+")
    month = models.DateField()
    revision = models.PositiveIntegerField(default=1)
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    gated_by = models.ForeignKey("Kpi", models.PROTECT, null=True, related_name="+")
    inputs = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, blank=True, default="")
    frozen_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-month", "site", "-revision")
        constraints = (
            models.UniqueConstraint(fields=("site", "month", "revision"), name="result_once"),
            models.CheckConstraint(condition=Q(month__day=1, revision__gte=1), name="result_month"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__gte=0), name="result_score"),
        )

    def __str__(self) -> str:
        return f"{self.site_id} {self.month} r{self.revision}"


class ResultLine(models.Model):
    """A line of a frozen result, with everything that explains it. `weight` is the one after shares were handed out. Append-only."""

    result = models.ForeignKey(Result, models.PROTECT, related_name="lines")
    kpi = models.ForeignKey("Kpi", models.PROTECT, related_name="+")
    version = models.ForeignKey("KpiVersion", models.PROTECT, related_name="+")
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    numerator = models.DecimalField(max_digits=22, decimal_places=6, null=True)
    denominator = models.DecimalField(max_digits=22, decimal_places=6, null=True)
    n = models.BigIntegerField(null=True)
    low = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    rag = models.CharField(max_length=1, choices=Rag)
    weight = models.DecimalField(max_digits=7, decimal_places=4)
    score = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    points = models.DecimalField(max_digits=7, decimal_places=3, null=True)

    class Meta:
        ordering = ("result", "id")
        constraints = (
            models.UniqueConstraint(fields=("result", "kpi"), name="result_line_once"),
            models.CheckConstraint(condition=Q(rag__in=Rag.values), name="result_line_rag_known"),
            models.CheckConstraint(
                condition=~Q(rag=Rag.RED) | Q(value__isnull=False), name="result_line_red_has_value"
            ),
        )

    def __str__(self) -> str:
        return f"{self.result_id} {self.kpi_id}"


class Statement(models.Model):
    """What a result is worth in money: a draft until somebody of each side signed; then it never changes.

    `amount` is a bonus, or a malus if less than 0; `earned_back` what it gives back of earlier ones. `…_for`: who was stood in for.
    """

    result = models.OneToOneField(Result, models.PROTECT, related_name="statement")
    invoice_amount = models.DecimalField(max_digits=14, decimal_places=2)
    currency = models.CharField(max_length=3)
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    earned_back = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    state = models.CharField(max_length=6, choices=StatementState, default=StatementState.DRAFT)
    company_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    company_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    company_at = models.DateTimeField(null=True, blank=True)
    partner_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    partner_for = models.ForeignKey("accounts.User", models.PROTECT, null=True, blank=True, related_name="+")
    partner_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state=StatementState.SIGNED, company_by__isnull=False, partner_by__isnull=False)
                | (Q(state=StatementState.DRAFT) & (Q(company_by=None) | Q(partner_by=None))),
                name="statement_signed",
            ),
            models.CheckConstraint(
                condition=Q(company_by=None) | Q(partner_by=None) | ~Q(company_by=F("partner_by")),
                name="statement_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.result_id}: {self.amount} {self.currency}"
